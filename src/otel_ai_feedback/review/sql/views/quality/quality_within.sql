-- What share of outputs is good, with its 95 % interval, per window of closed weeks since a given day?
--
-- What the jobs last made of each window that ends on the day `since` or later and had ended at `as_of`:
-- the columns of `quality_live_within`, at the price of reading them. Labels are those of the jobs'
-- last run, also where `as_of` lies further back.
with
    toMonday({{today}}) as week
select * except version
from quality_weekly
where
    window_end >= {since:Date}
    and window_end <= week
    and (window_end, version) in
    (
        select day, version
        from rollup_days final
        where rollup = 'quality' and day >= {since:Date}
    )
