-- What reviewers said of what was made for a person.
select count()
from reviews
where
    verdict != 'erased'
    and output_id in
    (
        select concat(trace_id, '-', span_id)
        from output_state
        where subject = {subject:String}
    )
