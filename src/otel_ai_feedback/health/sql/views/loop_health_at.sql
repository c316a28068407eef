-- Which health checks failed at a given time?
--
-- A row for each feature and check, passing ones too; an empty service means all services. Features
-- are those whose environment is sampled. `value` is in the unit of its threshold: a share, seconds,
-- days or a number; docs/health.md explains the checks. To query one check, use the view that
-- computes it: that saves the others.
{{watched_health(loop_traffic_at, loop_links_at, loop_review_at, loop_triage_at)}}
