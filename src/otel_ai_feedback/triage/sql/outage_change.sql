-- In which direction is a series unusual for its hour, and since when?
--
-- An outage is two hours in a row: it began in the hour before the newest one.
select
    direction,
    formatDateTime(hour - interval 1 hour, '%Y-%m-%dT%H:%i:%SZ') as began
from outages_kept_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    service = {service:String}
    and environment = {environment:String}
    and feature = {feature:String}
    and series = {series:String}
    and direction != ''
