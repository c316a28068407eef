-- Are incidents within their deadlines, and are notifications delivered?
with open_incidents as
(
    select
        incident_id,
        overdue,
        due_at
    from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
    where open
)
select
    service,
    environment,
    feature,
    alarm,
    stage,
    judged,
    value,
    compared,
    threshold,
    toUInt8(judged and if(breach = 'below', compared < threshold, compared > threshold)) as firing,
    last_seen,
    detail
from
(
    select
        '' as service,
        '' as environment,
        '' as feature,
        'triage-overdue' as alarm,
        true as judged,
        toFloat64(countIf(overdue)) as value,
        value as compared,
        cast(null, 'Nullable(DateTime64(3, \'UTC\'))') as last_seen,
        concat(
            if(
                count() = 0, 'No open incidents',
                concat(
                    toString(countIf(overdue)), ' of ', toString(count()),
                    ' open incidents past their deadline'
                )
            ),
            if(
                countIf(overdue) > 0,
                concat(
                    ', the oldest by ',
                    toString(dateDiff('hour', minIf(due_at, overdue), {as_of:DateTime64(3, 'UTC')})),
                    ' hours'
                ),
                ''
            )
        ) as detail
    from open_incidents
    union all
    select
        '',
        '',
        '',
        'notifications-failing',
        true,
        toFloat64(countIf(state in ('failed', 'unknown', 'given_up'))) as value,
        value as compared,
        maxOrNull(if(state = 'sent', last_at, null)),
        concat(
            if(
                count() = 0, 'No messages',
                concat(
                    toString(countIf(state = 'failed')), ' retrying, ',
                    toString(countIf(state = 'given_up')), ' failed, ',
                    toString(countIf(state = 'unknown')), ' unknown, of ',
                    toString(count()), if(count() = 1, ' message', ' messages')
                )
            ),
            ' about open incidents'
        )
    from notifications_at(as_of = {as_of:DateTime64(3, 'UTC')})
    where incident_id in (select incident_id from open_incidents)
) as measured
join loop_alarms using (alarm)
