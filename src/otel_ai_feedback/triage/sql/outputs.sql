-- Which outputs are behind an incident, the newest first?
select output_id
from incident_outputs final
where incident_id = {incident_id:String}
order by place, output_id
