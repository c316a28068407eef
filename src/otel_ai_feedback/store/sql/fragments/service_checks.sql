-- How long ago did each part of `serve` last work, does that break its threshold? Without its `from watched`.
with
    beats as
    (
        select
            part,
            min(min(time)) over () as first_of_any,
            countIf(time > {as_of:DateTime64(3, 'UTC')} - interval 1 day) as of_today,
            maxOrNullIf(time, b.accepted > 0) as worked_at,
            maxOrNullIf(time, b.accepted > 0 and is_recent) as taken_at,
            argMaxIf(arrayStringConcat(mapKeys(refusals), ', '), time, b.refused > 0) as trouble,
            sumIf(b.accepted, is_recent) as taken,
            sumIf(b.refused, is_recent) as turned_away,
            sumMapIf(refusals, is_recent) as why
        from
        (
            select *, time > {as_of:DateTime64(3, 'UTC')} - interval 1 hour as is_recent
            from heartbeats
            where
                time <= {as_of:DateTime64(3, 'UTC')}
                and time > {as_of:DateTime64(3, 'UTC')} - interval 90 day
        ) as b
        group by part
    ),
    -- each part, also one of which there is no beat
    watched as
    (
        select
            *,
            max(first_of_any) over () as first_beat,
            -- the watchdog only where one is configured
            stage != 'watchdog' as always,
            first_beat > toDateTime64(0, 3, 'UTC') and (always or of_today > 0) as is_watched,
            if(
                is_watched,
                dateDiff(
                    'millisecond', ifNull(worked_at, first_beat), {as_of:DateTime64(3, 'UTC')}
                ) / 1000,
                0.
            ) as age
        from health_checks as checks final
        left join beats on beats.part = checks.stage
        where stage in ('receiver', 'jobs', 'rules', 'watchdog')
    )
select
    '' as service,
    '' as environment,
    '' as feature,
    alarm,
    stage,
    if(stage = 'receiver', turned_away >= 5, is_watched and (worked_at is not null or age > threshold))
        as judged,
    if(
        stage != 'receiver', age,
        if(taken + turned_away > 0, turned_away / (taken + turned_away), 0.)
    ) as value,
    value as compared,
    threshold,
    toUInt8(judged and if(breach = 'below', compared < threshold, compared > threshold)) as firing,
    if(stage = 'receiver', taken_at, worked_at) as last_seen
