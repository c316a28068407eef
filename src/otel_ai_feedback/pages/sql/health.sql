-- What of the loop itself is broken, and what is not?
select
    alarm,
    service,
    environment,
    feature,
    judged,
    value,
    threshold,
    firing,
    detail,
    last_seen
from loop_health
order by firing desc, service, environment, feature
