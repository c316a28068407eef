-- All health checks of features whose environment is sampled, from `measured`. Without its `with`.
    ifNull((select value from settings final where name = 'environments'), '') as chosen,
    watched as
    (
        select
            *,
            max(environment = 'production') over () as has_production
        from measured
    )
select
    service,
    environment,
    feature,
    stage,
    alarm,
    judged,
    value,
    threshold,
    firing,
    detail,
    last_seen,
    dateDiff('second', last_seen, {as_of:DateTime64(3, 'UTC')}) as age_seconds,
    not firing as ok
from watched
where
    (service = '' and environment = '' and feature = '')
    or multiIf(
        chosen != '', has(splitByChar(',', chosen), environment),
        has_production, environment = 'production',
        true
    )
