-- How often is an output of each class good, as reviewers of four closed weeks said by a given time?
-- Now: How often is an output of each class good, as reviewers of the last four closed weeks say?
-- Kept: when changed, 30 minutes
--
-- labels counts good and bad ones below the cut; low and high are the 95 % Wilson interval. A class
-- that no one read has no row.
select
    service,
    environment,
    feature,
    stratum as class,
    sum(m) as labels,
    sum(x) as good,
    good / labels as p_good,
    {{wilson_low(p_good, labels)}} as low,
    {{wilson_high(p_good, labels)}} as high
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
