-- How many outputs would have been acted on since the last action, at the rate of before?
--
-- The outputs since the last hour in which anybody copied, edited, accepted, rejected, rated or
-- closed anything, times the share that was acted on in the four weeks before. 0 while actions come;
-- a group in which nobody ever acted has no row.
with
    coalesce((select value from settings final where name = 'environments'), '') as chosen,
    toStartOfHour(toTimeZone($__toTime_ms, 'UTC')) - interval 2 hour as until,
    hours as
    (
        select
            service,
            environment,
            feature,
            hour,
            sum(answers[2]) as answered,
            sum(
                copies[2] + closes[2] + edits[2] + accepts[2] + rejects[2] + ratings[2]
                + reported_reasks[2] + reported_regenerations[2]
            ) as acted
        from signals
        where
            day >= toDate(until) - 35
            and hour <= until
        group by service, environment, feature, hour
    ),
    followed as
    (
        select
            *,
            maxIf(hour, acted > 0) over (partition by service, environment, feature) as last_hour
        from hours
    )
select
    service,
    environment,
    feature,
    toFloat64(
        sumIf(answered, hour > last_hour)
            * least(1, sumIf(acted, hour <= last_hour) / sumIf(answered, hour <= last_hour))
    ) as value
from followed
where last_hour > toDateTime(0, 'UTC')
group by service, environment, feature
having sumIf(answered, hour <= last_hour) > 0
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature
