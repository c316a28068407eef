-- Did a signal change significantly since some day, when, and in which direction?
--
-- What the jobs last made of each series and closed day, of days that had closed at `as_of`: the
-- columns of `drift_live_within`, at the price of reading them. Levels, incidents and counts are those
-- of the jobs' last run, also where `as_of` lies further back.
with
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        {{zone}}
    ) as today
select * except version
from drift_daily
where
    day >= {since:Date}
    and day + if(mode = 'week', 6, 0) < today
    and (day, version) in
    (
        select day, version
        from rollup_days final
        where rollup = 'drift' and day >= {since:Date}
    )
