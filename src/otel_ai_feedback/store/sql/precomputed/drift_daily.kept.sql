-- How many rows of drift stand from a day on?
select count() as kept_rows
from drift_daily
where
    day >= {since:Date}
    and (day, version) in (select day, version from rollup_days final where rollup = 'drift')
