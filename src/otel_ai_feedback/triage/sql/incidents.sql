-- Which incidents were there at a given time, those with a running deadline first?
select *
from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    ({incident_id:String} = '' or incident_id = {incident_id:String})
    and ({open:Nullable(Bool)} is null or open = {open:Nullable(Bool)})
order by open desc, due_at, opened_at desc, incident_id
limit {most:UInt32}
