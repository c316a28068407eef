-- How many outputs would have come since the last one, had the group gone on as in other weeks?
--
-- The median of what the same hours had in each of the last four weeks, so that nights and weekends
-- are no silence; of yesterday for a group that is younger than a week. 0 while outputs come.
-- Outputs are counted half an hour after they ended, so the last two hours are left out.
with
    coalesce((select value from settings final where name = 'environments'), '') as chosen,
    toStartOfHour(toTimeZone($__toTime_ms, 'UTC')) - interval 2 hour as until,
    hours as
    (
        select service, environment, feature, hour, sum(outputs[2]) as sent
        from signals
        where
            day >= toDate(until) - 61
            and hour <= until
        group by service, environment, feature, hour
    ),
    groups as
    (
        select
            service,
            environment,
            feature,
            min(hour) as first_hour,
            max(hour) as last_hour,
            groupArray((hour, sent)) as known,
            arrayFilter(
                days -> last_hour + interval 1 hour - toIntervalDay(days) >= first_hour,
                if(first_hour <= last_hour - interval 7 day, [7, 14, 21, 28], [1])
            ) as compared,
            arrayMap(
                days -> arraySum(
                    h -> if(
                        h.1 > last_hour - toIntervalDay(days) and h.1 <= until - toIntervalDay(days),
                        h.2,
                        0
                    ),
                    known
                ),
                compared
            ) as others
        from hours
        group by service, environment, feature
        -- who has sent nothing for a month is gone, not silent
        having last_hour > until - interval 28 day
    )
select
    service,
    environment,
    feature,
    toFloat64(if(length(others) = 0, 0, arrayReduce('quantileExact(.5)', others))) as value
from groups
qualify multiIf(
    chosen != '', has(splitByChar(',', chosen), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
order by service, environment, feature
