-- Which closed days have groups that were not sampled yet?
select distinct
    assumeNotNull(toDate(
        matured_at,
        {{zone}}
    )) as pending_day
from outputs_within(
    as_of = {as_of:DateTime64(3, 'UTC')},
    since = toDate({first:Date} - 8),
    until = {last:Date}
)
where
    matured
    and class != 'failed'
    and pending_day >= {first:Date}
    and pending_day <= {last:Date}
    and (pending_day, service, environment, feature) not in
    (
        select day, service, environment, feature
        from draws
    )
order by pending_day
