-- Which outputs were found afterwards for some user actions?
select action_id, output_day, trace_id, span_id, ambiguous
from late_links final
where action_id in {actions:Array(String)}
