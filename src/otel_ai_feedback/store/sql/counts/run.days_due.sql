-- Until when may the data of some days change without anything arriving?
--
-- Outputs mature 30 minutes after they ended or arrived, and a day's delivery rule is kept an hour
-- after the day is over and nothing has arrived. An end more than a day ahead is a broken clock.
select
    arrayJoin(arrayMap(
        number -> toDate(number), range(toInt32({since:Date}), toInt32({until:Date}) + 1)
    )) as day,
    greatest(
        toDateTime64(
            toDateTime(
                day + 1,
                {{zone}}
            ),
            3,
            'UTC'
        ),
        toDateTime64(last_arrived, 3, 'UTC'),
        toDateTime64(ifNull(last_ended, toDateTime64(0, 9, 'UTC')), 3, 'UTC')
    ) + interval 65 minute as due_at
from
(
    select
        max(arrived) as last_arrived,
        maxIf(ended, ended < now64(3) + interval 1 day) as last_ended
    from output_facts
    where
        output_day >= toDate(greatest(toInt32({since:Date}) - 8, 0))
        and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
)
