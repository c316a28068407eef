-- How near is each signal to its drift threshold?
--
-- 1 is where the view `drift` alerts. The accumulated evidence, as a multiple of the threshold
-- that goes with the number of series, or the last four weeks against the first four of the accepted
-- baseline, in units of what alerts; below 1 while the change is too small to matter. A series without
-- a count for 15 days has no row.
with coalesce((select value from settings final where name = 'environments'), '') as chosen
select
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    toFloat64(argMax(
        greatest(
            if(
                abs(moved) >= effect_floor,
                greatest(s_down, s_up) / threshold,
                least(greatest(s_down, s_up) / threshold, abs(moved) / effect_floor)
            ),
            if(
                since_accepted_alarm,
                ifNull(abs(since_accepted_z), 0) / {{since_accepted_threshold}},
                least(.99, ifNull(abs(since_accepted_z), 0) / {{since_accepted_threshold}})
            )
        ),
        day
    )) as value
from drift_within(
    as_of = toTimeZone($__toTime_ms, 'UTC'), since = toDate(toTimeZone($__toTime_ms, 'UTC')) - 14
)
group by service, environment, feature, segment_kind, segment, series
qualify {{watched(chosen)}}
order by service, environment, feature, segment_kind, segment, series
