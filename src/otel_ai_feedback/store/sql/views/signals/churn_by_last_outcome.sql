-- What was the last outcome of users who did not come back the week after, and how often do users leave after it?
--
-- `day` is the Monday of the week in which they were missing. Of `subjects` whose last output of the
-- week before was of that class, `left_since` did not come back: `leaving_rate`, low and high being its
-- 95 % Wilson interval. `share` is what part of all who left they are.
select
    day,
    service,
    environment,
    feature,
    last_class,
    v.subjects_before as subjects,
    v.left_since as left_since,
    left_since / subjects as leaving_rate,
    {{wilson_low(leaving_rate, subjects)}} as low,
    {{wilson_high(leaving_rate, subjects)}} as high,
    left_since / sum(v.left_since) over (partition by day, service, environment, feature) as share
from visits as v
where
    subjects_before > 0
    and (day, version) in
    (
        select day, version
        from rollup_days final
        where rollup = 'returning'
    )
