-- Which outputs of some days are judged by another delivery rule than before?
insert into output_facts
select
    f.* replace
    (
        day as previous_day,
        now64(6, 'UTC') as written_at,
        rules.rule as rule
    )
from output_facts as f final
inner join
(
    select day, service, environment, feature, rule
    from delivery_days_within(since = {since:Date}, until = {until:Date})
) as rules using (day, service, environment, feature)
where
    f.present
    and f.rule != rules.rule
    and f.output_day >= toDate(greatest(toInt32({since:Date}) - 1, 0))
    and f.output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
