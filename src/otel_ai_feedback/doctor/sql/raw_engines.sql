-- How are the raw tables stored, and after how long are their rows deleted?
select name, engine_full
from system.tables
where database = currentDatabase() and name in ('otel_traces', 'otel_traces_local', 'otel_logs', 'otel_logs_local')
order by name
