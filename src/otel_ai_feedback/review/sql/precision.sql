-- How many labels does each group have in its newest 28 days, and what are they worth?
select
    service,
    environment,
    feature,
    labels,
    effective_labels,
    smoothed_quality
from quality_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 7
)
where
    window_days = 28
    and model = ''
    and release = ''
    and window_end = toMonday({{today}})
order by outputs desc, service, environment, feature
