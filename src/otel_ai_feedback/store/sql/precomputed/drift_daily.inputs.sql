-- From what is the drift of each closed day judged, and from what was it when it was last judged?
--
-- `version` is that of the day's counts. `context` is a hash of what else decides about the day: the
-- incidents that exclude it, the levels that begin after it, which leave it out, the settings, and
-- `rule`, by which it is judged.
with
    {{zone}} as zone,
    (select cityHash64(zone, any(value)) from settings final where name = 'segments') as chosen,
    (
        select groupArray((content, from_day, to_day))
        from
        (
            select
                cityHash64('excluded', service, environment, feature, series) as content,
                from_day,
                to_day
            from drift_exclusions final
            union all
            select
                cityHash64('level', service, environment, feature, series) as content,
                toDate('1970-01-01') as from_day,
                from_day - 1 as to_day
            from
            (
                select *
                from baseline_starts_at(as_of = {as_of:DateTime64(3, 'UTC')})
                where from_day > '1970-01-01'
            )
        )
    ) as covering
select
    day,
    counted.version as version,
    chosen + {rule:UInt64} + arraySum(c -> if(day between c.2 and c.3, c.1, 0), covering) as context,
    known.version as known_version,
    known.counts as known_counts,
    known.context as known_context
from
(
    select day, max(version) as version
    from rollup_days final
    where
        rollup in ('signals', 'returning')
        and day < toDate({as_of:DateTime64(3, 'UTC')} - interval 30 minute, zone)
    group by day
) as counted
left join (select * from rollup_inputs final where rollup = 'drift') as known using (day)
order by day
