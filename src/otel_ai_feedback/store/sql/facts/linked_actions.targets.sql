-- Which outputs are in some traces, and which are the spans and requests that they stand for?
select
    trace_id,
    span_id,
    repeats,
    requests,
    feature,
    service,
    environment,
    excluded
from output_facts final
where
    (present or excluded != '')
    and output_day >= {since:Date}
    and output_day <= {until:Date}
    and trace_id in {traces:Array(String)}
order by trace_id, output_day, span_id
