-- Which delivery rule holds for each group on the days that are closed and settled?
--
-- Settled: nothing of that day or of the week before, on which the rule rests, has arrived for an
-- hour. A rule that is kept already stays as it is.
insert into delivery_rules
select
    day,
    service,
    environment,
    feature,
    rule
from
(
    select
        *,
        max(last_arrived_at) over
        (
            partition by service, environment, feature
            order by day range between 7 preceding and current row
        ) as settled_at
    from delivery_evidence_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}, traces = []
    )
)
where
    settled_at + interval 1 hour < {as_of:DateTime64(3, 'UTC')}
    and day >= {since:Date}
    and day <= {until:Date}
    and day < toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 1 hour,
        {{zone}}
    )
    and (day, service, environment, feature) not in
    (
        select day, service, environment, feature
        from delivery_rules
    )
