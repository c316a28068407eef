-- Is less being read than was promised, or too little for a number? 1 is yes.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    toFloat64(debt) as value
from review_debt_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature
