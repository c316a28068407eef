-- The state of the outputs made for a user. Last of all: the others are found through it.
select count()
from output_state
where
    trace_id in (select trace_id from output_state where subject = {subject:String})
