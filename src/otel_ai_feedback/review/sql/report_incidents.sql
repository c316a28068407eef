-- How were the alerts of a week answered, by severity?
select
    toString(severity) as severity,
    count() as incidents,
    countIf(acknowledged_at <= acknowledge_due) as acknowledged_in_time,
    quantileExactOrNullIf(.5)(
        dateDiff('second', opened_at, acknowledged_at), acknowledged_at is not null
    ) as median_ack_seconds,
    quantileExactOrNullIf(.5)(
        dateDiff('second', opened_at, resolved_at), resolved_at is not null
    ) as median_resolve_seconds,
    countIf(open) as still_open,
    arraySort(groupUniqArray(toString(rule))) as rules
from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
where toDate(opened_at) between {week:Date} and {week:Date} + 6
group by severity
order by indexOf(['critical', 'warning', 'info'], severity)
