-- Which outputs made for a person were to be read twice.
select count()
from second_readings
where
    output_id in
    (
        select concat(trace_id, '-', span_id)
        from output_state
        where subject = {subject:String}
    )
