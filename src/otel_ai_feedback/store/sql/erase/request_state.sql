-- Actions on the requests of a user whose output was not known.
select count()
from request_state
where
    trace_id in (select trace_id from output_state where subject = {subject:String})
