-- Which health checks are there, and what are their thresholds?
--
-- `breach` says on which side of the threshold a check fails. The setting `HEALTH_THRESHOLDS` moves
-- a threshold; docs/health.md has the reasons in full.
select
    alarm,
    stage,
    breach,
    threshold,
    default_threshold
from health_checks final
where stage != ''
