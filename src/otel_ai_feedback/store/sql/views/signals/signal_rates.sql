-- How often did users copy, edit, ask again, reject ... each day, by service, model and release?
--
-- Over the whole history; `signal_rates_within` asks for some days only, at the cost of those days.
select *
from signal_rates_within(since = '1970-01-01', until = '2149-06-06')
