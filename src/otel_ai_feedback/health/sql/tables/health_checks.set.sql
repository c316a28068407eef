-- Which health checks are there from now on, and with which thresholds, as far as that is news?
--
-- `breach` says on which side of the threshold a check fails. The setting `HEALTH_THRESHOLDS` moves
-- a threshold; docs/health.md has the reasons in full.
insert into health_checks
with
    extractKeyValuePairs({chosen:String}, '=', ',') as moved,
    listed as
    (
        select
            alarm,
            stage,
            breach,
            ifNull(toFloat64OrNull(moved[alarm]), default_threshold) as threshold,
            default_threshold
        from values
        (
            'alarm String, stage String, breach String, default_threshold Float64',
            -- a share of the expected count: less than a tenth of twenty or more is not chance
            ('pipeline-silent', 'telemetry', 'below', .1),
            ('feedback-silent', 'telemetry', 'below', .1),
            -- where handles reach the page nearly every action matches its output; below four in five a
            -- link method is broken
            ('link-rate-low', 'telemetry', 'below', .8),
            -- one output of unknown probability is enough to have no quality score
            ('sampling-unknown', 'telemetry', 'above', 0.),
            ('outputs-lost', 'telemetry', 'above', .05),
            -- rates of user actions are too low by as much
            ('actions-lost', 'telemetry', 'above', .05),
            -- senders retry what was rejected for lack of resources, so a little is harmless
            ('receiver-refusing', 'receiver', 'above', .05),
            -- seconds; fifteen runs of the jobs, and of the rule evaluation
            ('jobs-late', 'jobs', 'above', 900.),
            ('rules-not-evaluated', 'rules', 'above', 900.),
            -- seconds; ten pings
            ('watchdog-failing', 'watchdog', 'above', 600.),
            -- days; what arrives a day late is sampled a day late
            ('draw-missing', 'draw', 'above', 1.),
            -- days; an hour a week is planned
            ('nobody-reviewed', 'review', 'above', 7.),
            -- 1 is yes: the view `review_debt` decides
            ('review-debt', 'review', 'above', 0.),
            -- below 50 labels in 28 days there is no quality score
            ('labels-too-few', 'review', 'below', 50.),
            -- a number; each of them is one too many
            ('triage-overdue', 'triage', 'above', 0.),
            ('notifications-failing', 'triage', 'above', 0.)
        )
    ),
    known as
    (
        select alarm, stage, breach, threshold, default_threshold
        from health_checks final
    )
select
    *,
    now64(3, 'UTC') as changed_at
from
(
    select * from listed
    union all
    select alarm, '', '', 0., 0.
    from known
    where alarm not in (select alarm from listed)
)
where (alarm, stage, breach, threshold, default_threshold) not in (select * from known)
