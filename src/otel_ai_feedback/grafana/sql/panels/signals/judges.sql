-- How often is each judge right, by the reviews of the last four closed weeks?
select
    service,
    environment,
    feature,
    toString(name) as judge,
    toString(carrier) as source,
    toString(evaluator) as evaluator,
    agreement,
    true_positive_rate as good_passed,
    true_positive_low as good_passed_low,
    true_positive_high as good_passed_high,
    true_negative_rate as bad_caught,
    true_negative_low as bad_caught_low,
    true_negative_high as bad_caught_high,
    labels as n,
    reason as note
from judge_audit_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
order by service, environment, feature, judge, source, evaluator
limit 500
