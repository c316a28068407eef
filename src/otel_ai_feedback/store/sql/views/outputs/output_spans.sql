-- Which LLM spans are outputs, delivered or not, and what are their details?
--
-- A span that repeats the text of another is no output of its own: it is in `repeats`. The calls of an
-- agent's tool loop are outputs that nobody got.
select
    concat(trace_id, '-', span_id) as output_id,
    * except (previous_day, present, content, written_at)
from output_facts final
where present
