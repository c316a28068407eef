-- Which outputs of a person are behind an incident.
select count()
from incident_outputs
where
    output_id in
    (
        select concat(trace_id, '-', span_id)
        from output_state
        where subject = {subject:String}
    )
