-- What arrives, what is used, what is reviewed and what is open, by feature?
select
    service,
    environment,
    feature,
    sumIf(sent.answers, signal = '(used)') as n,
    sumIf(sent.shown, signal = '(used)') / n as used,
    sumIf(sent.shown, signal = '(seen)') / sumIf(sent.answers, signal = '(seen)') as seen_on_page,
    any(read.quality) as quality,
    any(read.labels) as labels,
    any(waiting.incidents) as open_incidents,
    any(debts.debt) as review_debt
from signal_days_within(
    since = toDate(toTimeZone($__toTime, 'UTC')) - 6,
    until = toDate(toTimeZone($__toTime, 'UTC')) + 1
) as sent
left join
(
    select
        service,
        environment,
        feature,
        argMax(quality.quality, window_end) as quality,
        argMax(labels, window_end) as labels
    from quality_within(
        as_of = toTimeZone($__toTime_ms, 'UTC'),
        since = toDate(toTimeZone($__toTime, 'UTC')) - 35
    ) as quality
    where window_days = 28 and model = '' and release = ''
    group by service, environment, feature
) as read using (service, environment, feature)
left join
(
    select service, environment, feature, countIf(open) as incidents
    from incidents_at(as_of = toTimeZone($__toTime_ms, 'UTC'))
    group by service, environment, feature
) as waiting using (service, environment, feature)
left join review_debt_kept_at(as_of = toTimeZone($__toTime_ms, 'UTC')) as debts
    using (service, environment, feature)
where
    $__conditionalAll(service in (${service:singlequote}), $service)
    and $__conditionalAll(environment in (${environment:singlequote}), $environment)
    and $__conditionalAll(feature in (${feature:singlequote}), $feature)
group by service, environment, feature
order by n desc
limit 500
