-- How long ago did each part of `serve` last work, does that break its threshold? Without its `from watched`.
with
    -- each part, also one of which there is no beat: a row of time 0 stands for it
    parts as
    (
        select
            part,
            countIf(time > toDateTime64(0, 3, 'UTC')) as beats,
            minIf(time, time > toDateTime64(0, 3, 'UTC')) as began_at,
            countIf(time > {as_of:DateTime64(3, 'UTC')} - interval 1 day) as of_today,
            maxOrNullIf(time, b.accepted > 0) as worked_at,
            maxOrNullIf(time, b.accepted > 0 and is_recent) as taken_at,
            argMaxIf(arrayStringConcat(mapKeys(refusals), ', '), time, b.refused > 0) as trouble,
            toFloat64(sumIf(b.accepted, is_recent)) as taken,
            toFloat64(sumIf(b.refused, is_recent)) as turned_away,
            sumMapIf(refusals, is_recent) as why
        from
        (
            select *, time > {as_of:DateTime64(3, 'UTC')} - interval 1 hour as is_recent
            from heartbeats
            where
                time <= {as_of:DateTime64(3, 'UTC')}
                and time > {as_of:DateTime64(3, 'UTC')} - interval 90 day
            union all
            select
                arrayJoin(['receiver', 'jobs', 'rules', 'watchdog']),
                toDateTime64(0, 3, 'UTC'),
                0,
                0,
                map(),
                false
        ) as b
        group by part
    ),
    measured as
    (
        select
            *,
            sum(beats) over () > 0 as served,
            minIf(began_at, beats > 0) over () as first_beat,
            -- the watchdog only where one is configured
            part != 'watchdog' as always,
            transform(
                part,
                ['receiver', 'jobs', 'rules', 'watchdog'],
                ['receiver-refusing', 'jobs-late', 'rules-not-evaluated', 'watchdog-failing'],
                ''
            ) as alarm
        from parts
    ),
    watched as
    (
        select
            *,
            served and (always or of_today > 0) as is_watched,
            if(
                is_watched,
                dateDiff(
                    'millisecond', ifNull(worked_at, first_beat), {as_of:DateTime64(3, 'UTC')}
                ) / 1000,
                0.
            ) as age
        from measured
    )
select
    '' as service,
    '' as environment,
    '' as feature,
    alarm,
    stage,
    if(part = 'receiver', turned_away >= 5, is_watched and (worked_at is not null or age > threshold))
        as judged,
    if(
        part != 'receiver', age,
        if(taken + turned_away > 0, turned_away / (taken + turned_away), 0.)
    ) as value,
    value as compared,
    threshold,
    toUInt8(judged and if(breach = 'below', compared < threshold, compared > threshold)) as firing,
    if(part = 'receiver', taken_at, worked_at) as last_seen
