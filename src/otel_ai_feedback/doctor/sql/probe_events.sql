-- How many events about the doctor's output have arrived?
select count() as events
from otel_logs
where
    Timestamp >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    and Timestamp <= fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    and TraceId = {trace_id:String}
