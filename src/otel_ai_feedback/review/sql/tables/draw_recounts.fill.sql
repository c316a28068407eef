-- How many outputs do some frozen days have by now?
insert into draw_recounts
    (day, service, environment, feature, stratum, outputs, counted_at)
select
    assumeNotNull(toDate(
        matured_at,
        {{zone}}
    )) as matured_on,
    service,
    environment,
    feature,
    class,
    sum(weight),
    {as_of:DateTime64(3, 'UTC')}
from outputs_within(
    as_of = {as_of:DateTime64(3, 'UTC')},
    since = toDate({first:Date} - 8),
    until = {last:Date}
)
where
    matured
    and class != 'failed'
    and matured_on >= {first:Date}
    and matured_on <= {last:Date}
    and (service, environment, feature) in (select service, environment, feature from draws)
group by matured_on, service, environment, feature, class
