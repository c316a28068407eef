-- What share of the good answers does each judge pass, in percent?
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toString(name) as judge,
    toString(carrier) as carrier,
    toString(evaluator) as evaluator,
    toFloat64(round(100 * ifNull(true_positive_rate, 0), 1)) as value
from judge_audit_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where kind = 'judge' and reason = ''
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature, judge, carrier, evaluator
