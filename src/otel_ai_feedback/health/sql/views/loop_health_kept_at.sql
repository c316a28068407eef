-- Which health checks failed at a given time, as last computed by the jobs?
-- Now: Which health checks fail now?
--
-- As `loop_health_at`, with traffic, links, review and triage as the jobs have kept them. Whether the
-- parts of `serve` run, the jobs among them, is computed at once.
{{watched_health(loop_traffic_kept_at, loop_links_kept_at, loop_review_kept_at, loop_triage_kept_at)}}
