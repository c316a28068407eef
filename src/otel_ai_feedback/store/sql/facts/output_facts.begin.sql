-- Since which moment is what has arrived not in the facts yet, and what time is it where the data are?
select
    toDateTime(
        greatest(toUnixTimestamp(max(began_at)), {overlap:UInt32}) - {overlap:UInt32}, 'UTC'
    ) as arrived,
    now64(6, 'UTC') as began_at
from rollup_days
where rollup = 'facts_read'
