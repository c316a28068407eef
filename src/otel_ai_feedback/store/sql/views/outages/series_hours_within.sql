-- What is watched for outages: k of n, per hour of some days, feature and signal?
--
-- n is the number of outputs that were observed, and k their share that showed the signal, by their
-- weights where traces were left out.
select
    day,
    hour,
    service,
    environment,
    feature,
    signal as series,
    toFloat64(sum(h.answers)) as n,
    n * sum(h.k) / sum(h.n) as k
from signal_hours_within(since = {since:Date}, until = {until:Date}) as h
where not startsWith(signal, '(')
group by day, hour, service, environment, feature, series
