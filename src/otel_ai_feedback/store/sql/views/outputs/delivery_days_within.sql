-- Which delivery rule holds for each feature on some days, and from what does it follow?
--
-- A group is a service, environment and feature. `rule` is judged from what it sent on the 7 days
-- before, or on the day itself when it is the group's first; once the day is closed, the rule that was
-- kept holds.
select
    day,
    service,
    environment,
    feature,
    evidence,
    last_arrived_at,
    week_arrived_at,
    closed.kept as kept,
    if(closed.kept, closed.rule, live_rule) as rule
from
(
    select
        day,
        service,
        environment,
        feature,
        evidence,
        last_arrived_at,
        if(count() over week_before > 0, max(evidence) over week_before, evidence) as live_rule,
        max(last_arrived_at) over week as week_arrived_at
    from delivery_days final
    where
        day >= toDate(greatest(toInt32({since:Date}) - 7, 0))
        and day <= {until:Date}
    window
        week_before as
        (
            partition by service, environment, feature
            order by day range between 7 preceding and 1 preceding
        ),
        week as
        (
            partition by service, environment, feature
            order by day range between 7 preceding and current row
        )
) as days
left any join
(
    select
        day,
        service,
        environment,
        feature,
        max(delivery_rules.rule) as rule,
        true as kept
    from delivery_rules
    group by day, service, environment, feature
) as closed using (day, service, environment, feature)
where day >= {since:Date}
