-- Is a signal unusual for this hour of the week?
-- Now: Is a signal unusual for this hour of the week, as known now?
-- Kept: always, 5 minutes
--
-- One row per group and series, quiet ones too: its newest hour in `outage_hours_at`. What is older
-- than two hours is no outage any more, whatever it was: then nothing has come in, which is
-- another alert.
select
    service,
    environment,
    feature,
    series,
    if(hours_ago <= 2, h.direction, '') as direction,
    hour,
    k,
    n,
    rate,
    expected,
    phi,
    tau,
    r,
    compared_with,
    why_not_judged,
    z,
    toUInt8(direction != '') as outage,
    outage as alarm
from outage_hours_at(as_of = {as_of:DateTime64(3, 'UTC')}) as h
order by hour desc
limit 1 by service, environment, feature, series
