-- (traffic, links, review, triage) All health checks together, from views that compute parts of them.
with
    ifNull((select value from settings final where name = 'environments'), '') as chosen,
    measured as
    (
        select * from {{traffic}}(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from {{links}}(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from loop_service_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from {{review}}(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from {{triage}}(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
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
