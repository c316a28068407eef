-- By how many standard errors did a judge change against reviewers, compared with the four weeks before?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toString(name) as judge,
    toString(carrier) as carrier,
    toString(evaluator) as evaluator,
    drifted as value
from judge_audit_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where kind = 'judge' and reason = ''
qualify {{watched(chosen)}}
order by service, environment, feature, judge, carrier, evaluator
