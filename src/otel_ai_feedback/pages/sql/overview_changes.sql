-- Which release, model or prompt version was new in each feature, in the last six weeks?
select
    service,
    environment,
    feature,
    time,
    kind,
    text
from annotations
where
    kind in ('release', 'model', 'prompt_version')
    and time >= {today:Date} - 42
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
order by service, environment, feature, time desc, kind, text
