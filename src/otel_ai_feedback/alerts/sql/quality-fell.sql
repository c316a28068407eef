-- By how many standard errors did the quality score fall?
--
-- The newest closed week against the 28 days before it; where a week alone has too few labels for a
-- number, the newest 28 days against the 28 before those. The errors are those of the process, not
-- of these weeks (docs/quality.md). A group without two such numbers has no row.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toFloat64(ifNull(argMax(fall, (window_end, -window_days)), 0)) as value
from
(
    {{quality_falls(
        (earlier.smoothed_quality - later.smoothed_quality) / sqrt(
            pow(earlier.process_standard_error, 2) + pow(later.process_standard_error, 2)
        )
    )}}
)
group by service, environment, feature
qualify {{watched(chosen)}}
order by service, environment, feature
