-- What changed in a group in the two weeks before a time, the newest first?
select
    time,
    kind,
    text
from annotations
where
    service = {service:String}
    and environment = {environment:String}
    and feature = {feature:String}
    and time between {as_of:DateTime64(3, 'UTC')} - interval 14 day
        and {as_of:DateTime64(3, 'UTC')}
order by time desc, kind, text
limit 20
