-- What can the loop raise an alarm about itself for, and where are the thresholds?
--
-- `breach` says on which side of the threshold an alarm fires. The setting `HEALTH_THRESHOLDS` moves
-- a threshold; docs/health.md has the reasons in full.
with
    extractKeyValuePairs(
        ifNull((select value from settings final where name = 'health_thresholds'), ''), '=', ','
    ) as chosen
select
    alarm,
    stage,
    breach,
    ifNull(toFloat64OrNull(chosen[alarm]), default_threshold) as threshold,
    default_threshold
from values
(
    'alarm String, stage String, breach String, default_threshold Float64',
    -- a share of what was expected: a tenth of twenty or more is no accident
    ('pipeline-silent', 'telemetry', 'below', .1),
    ('feedback-silent', 'telemetry', 'below', .1),
    -- where handles reach the page nearly every action finds its output; under four in five some way
    -- of linking has broken
    ('link-rate-low', 'telemetry', 'below', .8),
    -- one output of unknown probability is enough for quality to have no number
    ('sampling-unknown', 'telemetry', 'above', 0.),
    ('outputs-lost', 'telemetry', 'above', .05),
    -- senders try again what was refused for want of room, so a little is harmless
    ('receiver-refusing', 'receiver', 'above', .05),
    -- seconds; fifteen turns of the jobs, and of whatever evaluates the rules
    ('jobs-late', 'jobs', 'above', 900.),
    ('rules-not-evaluated', 'rules', 'above', 900.),
    -- seconds; ten pings
    ('watchdog-failing', 'watchdog', 'above', 600.),
    -- days; what arrives a day late is drawn a day late
    ('draw-missing', 'draw', 'above', 1.),
    -- days; an hour a week was promised
    ('nobody-reviewed', 'review', 'above', 7.),
    -- 1 is yes: the view `review_debt` decides
    ('review-debt', 'review', 'above', 0.),
    -- under 50 labels in 28 days quality has no number
    ('labels-too-few', 'review', 'below', 50.),
    -- a number; each of them is one too many
    ('triage-overdue', 'triage', 'above', 0.),
    ('notifications-failing', 'triage', 'above', 0.)
)
