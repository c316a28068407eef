-- What was found to follow for the outputs of some traces from the turns after them?
select
    output_day,
    trace_id,
    span_id,
    transform(action, ['reask', 'regenerate'], ['reasked', 'regenerated'], '') as name,
    time
from derived_actions final
where
    output_day >= {since:Date}
    and output_day <= {until:Date}
    and trace_id in {traces:Array(String)}
    and name != ''
