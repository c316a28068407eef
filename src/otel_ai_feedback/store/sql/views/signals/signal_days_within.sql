-- How many answers of some days showed each signal, of how many that could have, as last counted?
--
-- Rows of `signal_counts` of whole days, and of weeks for users who came back, from the current
-- computation of each. k and n have a number for each of the 64 buckets of users, and add up over days,
-- models, releases and prompt versions.
select * except (version, frozen, hour)
from signal_counts
where
    day >= {since:Date}
    and day <= {until:Date}
    and hour = 0
    and (day, version) in
    (
        select day, version
        from rollup_days final
        where rollup in ('signals', 'returning')
    )
