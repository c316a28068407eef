-- How good is each feature as reviewers see it, and as users vote, at the end of each closed week?
select
    service,
    environment,
    feature,
    window_end,
    labels,
    reason,
    quality,
    low,
    high,
    thumbs_up,
    thumbs_down,
    thumbs_rate
from quality_within(as_of = now64(3, 'UTC'), since = {today:Date} - 70)
where
    window_days = 28
    and model = ''
    and release = ''
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
order by service, environment, feature, window_end desc
