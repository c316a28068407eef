-- The rows of `loop_service_at`: a view inside a view costs half as much again to plan.
{{service_checks}},
    multiIf(
        stage = 'receiver',
        -- refused, all, and refused by status
        arrayMap(
            counts -> concat(
                if(
                    counts[2] = '0', 'No requests',
                    concat(counts[1], ' of ', counts[2], ' requests rejected')
                ),
                ' in the last hour',
                if(counts[1] = '0', '', ': '),
                arrayStringConcat(
                    arrayMap((status, n) -> concat(status, ' x ', n), mapKeys(why), arraySlice(counts, 3)),
                    ', '
                )
            ),
            [arrayMap(n -> {{count(n)}}, arrayConcat([turned_away, taken + turned_away], mapValues(why)))]
        )[1],
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
