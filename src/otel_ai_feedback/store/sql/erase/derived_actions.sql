-- What followed from two turns of a user.
select count()
from derived_actions
where
    trace_id in (select trace_id from output_state where subject = {subject:String})
