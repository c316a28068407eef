-- Results of other tools on the outputs made for a user.
select count()
from evaluation_state
where
    linked_trace_id in (select trace_id from output_state where subject = {subject:String})
    or (response_id != '' and response_id in (select response_id from output_state where subject = {subject:String}))
