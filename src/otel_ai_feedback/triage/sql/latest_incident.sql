-- Which was the last incident about a thing, and how many were there?
select
    *,
    count() over () as number
from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    rule = {rule:String}
    and service = {service:String}
    and environment = {environment:String}
    and feature = {feature:String}
    and series = {series:String}
    and segment_kind = {segment_kind:String}
    and segment = {segment:String}
order by opened_at desc, incident_id
limit 1
