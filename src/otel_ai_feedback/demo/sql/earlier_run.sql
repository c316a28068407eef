-- When did the latest demo with this digest start, in seconds since the epoch? (0: never)
select max(toInt64OrZero(splitByChar('@', ResourceAttributes['service.instance.id'])[2])) as start
from otel_traces
where
    ServiceName = {service:String}
    and startsWith(ResourceAttributes['service.instance.id'], concat({digest:String}, '@'))
