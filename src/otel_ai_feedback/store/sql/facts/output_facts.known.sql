-- What do facts say of the outputs of some traces so far?
select
    output_day,
    trace_id,
    span_id,
    day,
    service,
    environment,
    feature,
    present or excluded != '' as stands,
    content
from output_facts final
where
    output_day >= {since:Date}
    and output_day <= {until:Date}
    and trace_id in {traces:Array(String)}
