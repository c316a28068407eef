-- Which health checks failed at a given time?
--
-- A row for each feature and check, passing ones too; an empty service means all services. Features
-- are those whose environment is sampled. `value` is in the unit of its threshold: a share, seconds,
-- days or a number; docs/health.md explains the checks. To query one check, use the view that
-- computes it: that saves the others.
with
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
{{watched_health}}
