-- What did each group send on some days that says which outputs reached a user?
insert into delivery_days
select
    day,
    service,
    environment,
    feature,
    found.evidence as evidence,
    found.last_arrived_at as last_arrived_at,
    now64(6, 'UTC') as written_at
from
(
    select
        day,
        service,
        environment,
        feature,
        max(multiIf(not present, 0, sight_at is not null, 2, handle_sent, 1, 0)) as evidence,
        max(arrived) as last_arrived_at
    from output_facts final
    where
        service != ''
        and day >= {since:Date}
        and day <= {until:Date}
        and output_day >= toDate(greatest(toInt32({since:Date}) - 1, 0))
        and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
    group by day, service, environment, feature
) as found
left any join
(
    select day, service, environment, feature, evidence, last_arrived_at, true as known
    from delivery_days final
    where day >= {since:Date} and day <= {until:Date}
) as stored using (day, service, environment, feature)
where
    not stored.known
    or (found.evidence, found.last_arrived_at) != (stored.evidence, stored.last_arrived_at)
