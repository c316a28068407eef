-- Are the parts of `serve` running, and does the receiver accept telemetry?
--
-- From the beats of every process. A part that never succeeded is as old as the first beat of any; in
-- a store that `serve` never ran on, nothing is judged.
with
    beats as
    (
        select *
        from loop_beats
        where
            time <= {as_of:DateTime64(3, 'UTC')}
            and time > {as_of:DateTime64(3, 'UTC')} - interval 90 day
    ),
    (select count() from beats) > 0 as served,
    (select min(time) from beats) as first_beat,
    received as
    (
        select
            toFloat64(sum(beats.accepted)) as taken,
            toFloat64(sum(beats.refused)) as turned_away,
            sumMap(refusals) as why,
            maxOrNull(if(beats.accepted > 0, time, null)) as taken_at
        from beats
        where part = 'receiver' and time > {as_of:DateTime64(3, 'UTC')} - interval 1 hour
    ),
    turns as
    (
        select
            expected.1 as part,
            expected.2 as alarm,
            expected.3 as always,
            countIf(beats.part = expected.1 and time > {as_of:DateTime64(3, 'UTC')} - interval 1 day)
                as of_today,
            maxOrNull(if(beats.part = expected.1 and beats.accepted > 0, time, null)) as worked_at,
            argMaxIf(
                arrayStringConcat(mapKeys(refusals), ', '),
                time,
                beats.part = expected.1 and beats.refused > 0
            ) as trouble
        from (select * from beats union all select '', toDateTime64(0, 3, 'UTC'), 0, 0, map()) as beats
        array join
        [
            ('jobs', 'jobs-late', true),
            ('rules', 'rules-not-evaluated', true),
            -- only where a watchdog is configured
            ('watchdog', 'watchdog-failing', false)
        ] as expected
        group by part, alarm, always
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
        'receiver-refusing' as alarm,
        turned_away >= 5 as judged,
        if(taken + turned_away > 0, turned_away / (taken + turned_away), 0.) as value,
        value as compared,
        taken_at as last_seen,
        concat(
            if(
                taken + turned_away = 0, 'No requests',
                concat(
                    toString(toUInt64(turned_away)), ' of ', toString(toUInt64(taken + turned_away)),
                    ' requests rejected'
                )
            ),
            ' in the last hour',
            if(
                turned_away > 0,
                concat(': ', arrayStringConcat(
                    arrayMap((status, n) -> concat(toString(status), ' x ', toString(n)),
                        mapKeys(why), mapValues(why)),
                    ', '
                )),
                ''
            )
        ) as detail
    from received
    union all
    select
        '',
        '',
        '',
        alarm,
        served and (always or of_today > 0) as judged,
        if(
            judged,
            dateDiff('millisecond', ifNull(worked_at, first_beat), {as_of:DateTime64(3, 'UTC')}) / 1000,
            0.
        ) as value,
        value as compared,
        worked_at,
        multiIf(
            not judged and always, 'serve has never run on this store',
            not judged, 'No watchdog configured',
            worked_at is null, concat('Never succeeded', if(trouble = '', '', concat('; last failure: ', trouble))),
            value > 120 and trouble != '', concat('Last failure: ', trouble),
            ''
        )
    from turns
) as measured
join loop_alarms using (alarm)
