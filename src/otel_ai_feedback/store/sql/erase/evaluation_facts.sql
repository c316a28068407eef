-- Results of other tools, linked to the outputs made for a user.
select count()
from evaluation_facts
where
    substring(output_id, 1, 32) in (select trace_id from output_state where subject = {subject:String})
