-- Which health checks failed at a given time, as last computed by the jobs?
-- Now: Which health checks fail now?
--
-- As `loop_health_at`, with traffic, links, review and triage as the jobs have kept them. Whether the
-- parts of `serve` run, the jobs among them, is computed at once.
with
    -- the four `..._kept_at` in one look at which answers are the last
    kept as
    (
        select 'loop_traffic_kept' as kept_in, * from loop_traffic_kept
        union all
        select 'loop_links_kept', * from loop_links_kept
        union all
        select 'loop_review_kept', * from loop_review_kept
        union all
        select 'loop_triage_kept', * from loop_triage_kept
    ),
    measured as
    (
        select * except (kept_in, kept_day, kept_version)
        from kept
        where (kept_in, kept_day, kept_version) in
        (
            select rollup, day, version
            from rollup_days final
            where
                rollup in
                (
                    'loop_traffic_kept', 'loop_links_kept', 'loop_review_kept', 'loop_triage_kept'
                )
                and as_of <= {as_of:DateTime64(3, 'UTC')}
            order by day desc
            limit 1 by rollup
        )
        union all
        select * from
        (
            {{service_health}}
        )
    ),
{{watched_health}}
