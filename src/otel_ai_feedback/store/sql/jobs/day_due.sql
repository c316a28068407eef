-- Until when may what is known of a day change without anything arriving?
--
-- Outputs mature 30 minutes after they ended or arrived, and a day's delivery rule is kept an hour
-- after the day is over and nothing has arrived. An end more than a day ahead is a broken clock.
select
    greatest(
        toDateTime64(
            toDateTime(
                {day:Date} + 1,
                coalesce(
                    nullIf((select value from settings final where name = 'timezone'), ''), 'UTC'
                )
            ),
            3,
            'UTC'
        ),
        toDateTime64(max(arrived), 3, 'UTC'),
        toDateTime64(
            ifNull(maxIf(ended, ended < now64(3) + interval 1 day), toDateTime(0, 'UTC')), 3, 'UTC'
        )
    ) + interval 65 minute as due_at
from output_state
where
    output_day >= toDate(greatest(toInt32({day:Date}) - 8, 0))
    and output_day <= toDate(least(toInt32({day:Date}) + 1, 65535))
