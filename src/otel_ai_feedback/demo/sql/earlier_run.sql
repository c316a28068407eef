-- Which window did the latest demo with this digest fill, as `start-end` in seconds since the epoch?
select max(splitByChar('@', ResourceAttributes['service.instance.id'])[2]) as window
from otel_traces
where
    ServiceName = {service:String}
    and startsWith(ResourceAttributes['service.instance.id'], concat({digest:String}, '@'))
