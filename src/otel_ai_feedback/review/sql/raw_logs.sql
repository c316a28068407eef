-- Which messages have been recorded as log events of an output's span?
select
    if(EventName != '', EventName, LogAttributes['event.name']) as event,
    Body as body,
    LogAttributes as attributes
from otel_logs
where
    TraceId = {trace_id:String}
    and SpanId = {span_id:String}
    and Timestamp >= {day:Date} - 1
    and Timestamp < {day:Date} + 2
    and event in (
        'gen_ai.client.inference.operation.details', 'gen_ai.choice', 'gen_ai.system.message',
        'gen_ai.user.message', 'gen_ai.assistant.message'
    )
order by Timestamp
limit 500
