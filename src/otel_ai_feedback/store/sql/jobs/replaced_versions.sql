-- Which computations of recent days were replaced over an hour ago, or never became current?
select distinct toUInt64(partition) as version
from system.parts
where
    database = currentDatabase()
    and table = 'signals_recent'
    and active
    and snowflakeIDToDateTime64(toUInt64(partition)) < now64(3) - interval 1 hour
    and toUInt64(partition) not in
    (
        select version
        from rollup_days final
        where rollup = 'signals' and not frozen
    )
