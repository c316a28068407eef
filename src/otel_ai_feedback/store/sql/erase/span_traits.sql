-- What the spans of a user say of tokens, cost, tools and sources.
select count()
from span_traits
where
    trace_id in (select trace_id from output_state where subject = {subject:String})
