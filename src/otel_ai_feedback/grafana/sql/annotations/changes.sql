-- What changed that can move a signal: release, model, prompt version, delivery rule?
select
    time,
    text,
    kind as tags
from annotations
where
    $__timeFilter(time)
    and $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by time
