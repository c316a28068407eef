-- How often did people copy, edit, ask again ... each day, by model and release, as known now?
select *
from signal_rates_at(as_of = now64(3, 'UTC'))
