-- Which LLM spans does the trace of this answer have?
select
    started,
    trace_id,
    span_id,
    model,
    count() over () as n
from output_spans
where trace_id = splitByChar('-', ${output_id:singlequote})[1]
order by started
limit 500
