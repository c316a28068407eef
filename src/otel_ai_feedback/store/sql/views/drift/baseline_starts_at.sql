-- Since when does a feature have its present baseline, because the old one no longer applies?
--
-- One row per group and series that has such a day (an empty series means all of the group): the
-- last day on which a person accepted a new baseline, or on which the group's delivery rule became
-- another one, so that switching on handles or the script is no reason for an alert.
with
    rules as
    (
        select
            service,
            environment,
            feature,
            day,
            rule,
            lagInFrame(rule, 1, rule) over
            (
                partition by service, environment, feature
                order by day
                rows between 1 preceding and current row
            ) as rule_before
        from delivery_rules final
        where day <= toDate({as_of:DateTime64(3, 'UTC')})
    )
select
    service,
    environment,
    feature,
    series,
    max(from_day) as from_day
from
(
    select service, environment, feature, series, from_day
    from accepted_baselines
    where accepted_at <= {as_of:DateTime64(3, 'UTC')}
    union all
    select service, environment, feature, '' as series, day as from_day
    from rules
    where rule != rule_before
)
group by service, environment, feature, series
