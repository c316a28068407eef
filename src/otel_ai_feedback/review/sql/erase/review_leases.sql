-- Who had what was made for a person on the screen.
select count()
from review_leases
where
    output_id in
    (
        select concat(trace_id, '-', span_id)
        from output_state
        where subject = {subject:String}
    )
