-- The facts about the outputs made for a user.
select count()
from output_facts
where
    trace_id in (select trace_id from output_state where subject = {subject:String})
