-- How many of the answers sampled in each week were reviewed?
with {{zone}} as zone
select
    toDateTime(week, zone) as time,
    sum(disposed) as read,
    sum(drawn) as n
from review_progress_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where week >= toDate(toTimeZone($__fromTime, 'UTC')) - 7
group by week
order by time
