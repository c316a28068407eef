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
from delivery_days_within(since = {since:Date}, until = {until:Date})
where
    not kept
    and week_arrived_at + interval 1 hour < {as_of:DateTime64(3, 'UTC')}
    and day < toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 1 hour,
        {{zone}}
    )
