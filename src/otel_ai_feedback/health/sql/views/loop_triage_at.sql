-- Are incidents within their deadlines, and are notifications delivered?
-- Kept: always, 5 minutes, at once when changed
with
    by_incident as
    (
        select
            incident_id,
            max(overdue) as is_overdue,
            max(due_at) as deadline,
            countIf(state != '') as messages,
            countIf(state = 'failed') as failed,
            countIf(state = 'given_up') as given_up,
            countIf(state = 'unknown') as unknown,
            maxOrNullIf(last_at, state = 'sent') as sent_at
        from
        (
            select
                incident_id,
                open,
                overdue,
                due_at,
                '' as state,
                toDateTime64(0, 3, 'UTC') as last_at
            from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
            union all
            select incident_id, false, false, null, state, last_at
            from notifications_at(as_of = {as_of:DateTime64(3, 'UTC')})
        )
        group by incident_id
        having max(open)
    ),
    together as
    (
        select
            count() as open_incidents,
            countIf(is_overdue) as late,
            minIf(deadline, is_overdue) as oldest,
            sum(messages) as all_messages,
            sum(failed) as retrying,
            sum(given_up) as lost,
            sum(unknown) as unclear,
            max(sent_at) as last_sent
        from by_incident
    ),
    measured as
    (
        select arrayJoin(
        [
            (
                'triage-overdue',
                late,
                null,
                concat(
                    if(
                        open_incidents = 0, 'No open incidents',
                        concat(
                            {{count(late)}}, ' of ', {{count(open_incidents)}},
                            ' open incidents past their deadline'
                        )
                    ),
                    if(
                        late > 0,
                        concat(
                            ', the oldest by ',
                            toString(assumeNotNull(dateDiff('hour', oldest, {as_of:DateTime64(3, 'UTC')}))),
                            ' hours'
                        ),
                        ''
                    )
                )
            ),
            (
                'notifications-failing',
                retrying + lost + unclear,
                last_sent,
                concat(
                    if(
                        all_messages = 0, 'No messages',
                        concat(
                            {{count(retrying)}}, ' retrying, ', {{count(lost)}}, ' failed, ',
                            {{count(unclear)}}, ' unknown, of ', {{count(all_messages)}},
                            if(all_messages = 1, ' message', ' messages')
                        )
                    ),
                    ' about open incidents'
                )
            )
        ]) as found
        from together
    )
select
    '' as service,
    '' as environment,
    '' as feature,
    alarm,
    stage,
    true as judged,
    toFloat64(found.2) as value,
    value as compared,
    threshold,
    toUInt8(if(breach = 'below', compared < threshold, compared > threshold)) as firing,
    found.3 as last_seen,
    found.4 as detail
from (select *, found.1 as alarm from measured) as m
join health_checks as checks final using (alarm)
