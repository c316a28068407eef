-- Which health checks failed at a given time?
-- Now: Which health checks fail now?
--
-- A row for each feature and check, passing ones too; an empty service means all services. Features
-- are those whose environment is sampled. `value` is in the unit of its threshold: a share, seconds,
-- days or a number; docs/health.md explains the checks. To query one check, use the view that
-- computes it: that saves the others.
with
    ifNull((select value from settings final where name = 'environments'), '') as chosen,
    measured as
    (
        select * from loop_traffic_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from loop_links_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from loop_service_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from loop_review_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select * from loop_triage_at(as_of = {as_of:DateTime64(3, 'UTC')})
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
