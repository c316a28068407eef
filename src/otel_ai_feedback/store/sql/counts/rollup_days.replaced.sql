-- Which computations were replaced over an hour ago, or never became current?
select distinct
    table,
    toUInt64OrZero(partition) as version
from system.parts
where
    database = currentDatabase()
    and table in
    (
        'exposures', 'signal_counts', 'facts_daily', 'drift_daily', 'quality_weekly',
        'mode_counts_weekly'
    )
    -- partitions of frozen days are months
    and version > 999999
    and active
    and snowflakeIDToDateTime64(toUInt64OrZero(partition)) < now64(3) - interval 1 hour
    and
    (
        multiIf(
            table = 'drift_daily', 'drift',
            table = 'quality_weekly', 'quality',
            table = 'mode_counts_weekly', 'modes',
            table = 'exposures', 'exposures',
            'signals'
        ),
        toUInt64OrZero(partition)
    )
    not in
    (
        select rollup, version
        from rollup_days final
        where rollup in ('drift', 'quality', 'modes', 'exposures') or (rollup = 'signals' and not frozen)
    )
