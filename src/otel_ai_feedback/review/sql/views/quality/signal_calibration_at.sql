-- How often is an output of each class good, as reviewers of four closed weeks said by a given time?
-- Now: How often is an output of each class good, as reviewers of the last four closed weeks say?
--
-- labels counts good and bad ones below the cut; low and high are the 95 % Wilson interval. A class
-- that no one read has no row.
with
    1.959964 * 1.959964 as zz,
    sqrt(zz * (zz + 4 * labels * p_good * (1 - p_good))) as spread
select
    service,
    environment,
    feature,
    stratum as class,
    sum(m) as labels,
    sum(x) as good,
    good / labels as p_good,
    -- rounding must not carry a bound past the share or out of [0, 1]
    greatest(0., least(p_good, (2 * labels * p_good + zz - spread) / (2 * (labels + zz)))) as low,
    least(1., greatest(p_good, (2 * labels * p_good + zz + spread) / (2 * (labels + zz)))) as high
from quality_cells_within(
    as_of = {as_of:DateTime64(3, 'UTC')},
    since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
) as cells
where
    model = ''
    and release = ''
    and week >= toMonday({{today}}) - 28
group by service, environment, feature, class
having labels > 0
