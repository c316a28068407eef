-- What was the last that people had who did not come back the week after, and how often does that make one leave?
--
-- `day` is the Monday of the week in which they were missing. Of `subjects` whose last output of the
-- week before was of that class, `left_since` did not come back: `leaving_rate`, low and high being its
-- 95 % Wilson interval. `share` is what part of all who left they are.
with
    1.959964 * 1.959964 as zz,
    sqrt(zz * (zz + 4 * subjects * leaving_rate * (1 - leaving_rate))) as spread
select
    day,
    service,
    environment,
    feature,
    last_class,
    v.subjects_before as subjects,
    v.left_since as left_since,
    left_since / subjects as leaving_rate,
    -- rounding must not carry a bound past the rate or out of [0, 1]
    greatest(
        0., least(leaving_rate, (2 * subjects * leaving_rate + zz - spread) / (2 * (subjects + zz)))
    ) as low,
    least(
        1., greatest(leaving_rate, (2 * subjects * leaving_rate + zz + spread) / (2 * (subjects + zz)))
    ) as high,
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
