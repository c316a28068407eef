-- Actions of a user, and all actions on the outputs that were made for them.
select count()
from linked_actions
where
    subject = {subject:String}
    or linked_trace_id in (select trace_id from output_state where subject = {subject:String})
