-- How many reviews of each verdict were given, per week?
with {{zone}} as zone
select
    toDateTime(toMonday(toDate(decided_at, zone)), zone) as time,
    label as series,
    count() as n
from labels_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    decided_at is not null
    and toDate(decided_at, zone) >= toDate(toTimeZone($__fromTime, 'UTC')) - 7
group by time, series
order by time, series
