-- Are the parts of `serve` running, and does the receiver accept telemetry?
--
-- From the heartbeats of every process. A part that never succeeded is as old as the first heartbeat of any, and
-- judged once that is past the threshold: a server that just started has not run everything yet. In a
-- store that `serve` never ran on, nothing is judged.
{{service_checks}},
    multiIf(
        part = 'receiver',
        concat(
            if(
                taken + turned_away = 0, 'No requests',
                concat(
                    {{count(turned_away)}}, ' of ', {{count(taken + turned_away)}},
                    ' requests rejected'
                )
            ),
            ' in the last hour',
            if(
                turned_away > 0,
                concat(': ', arrayStringConcat(
                    arrayMap((status, n) -> concat(toString(status), ' x ', {{count(n)}}),
                        mapKeys(why), mapValues(why)),
                    ', '
                )),
                ''
            )
        ),
        not is_watched and always, 'serve has never run on this store',
        not is_watched, 'No watchdog configured',
        worked_at is null,
        concat(
            if(
                judged, 'Never succeeded',
                concat('Not run yet; serve started ', {{duration(floor(age))}}, ' ago')
            ),
            if(trouble = '', '', concat('; last failure: ', trouble))
        ),
        value > 120 and trouble != '', concat('Last failure: ', trouble),
        concat('Last success ', {{utc_minute(assumeNotNull(worked_at))}})
    ) as detail
from watched
join loop_alarms using (alarm)
