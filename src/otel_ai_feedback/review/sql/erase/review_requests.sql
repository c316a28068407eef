-- Which outputs made for a person someone wanted read.
select count()
from review_requests
where
    output_id in
    (
        select concat(trace_id, '-', span_id)
        from output_state
        where subject = {subject:String}
    )
