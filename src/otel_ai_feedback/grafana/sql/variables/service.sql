-- Which services have sent answers?
select distinct toString(service) as service
from signal_days_within(
    since = toDate(toTimeZone($__fromTime, 'UTC')) - 28,
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
)
order by service
