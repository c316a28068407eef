-- Which computation holds from now on, for a stretch of days of a rollup?
insert into rollup_days
select
    {rollup:String} as rollup,
    arrayJoin(arrayMap(
        number -> toDate(number),
        range(toInt32({since:Date}), toInt32({until:Date}) + 1, {step:UInt8})
    )) as day,
    {version:UInt64} as version,
    true as frozen,
    {as_of:DateTime64(3, 'UTC')} as as_of,
    {began_at:DateTime64(3, 'UTC')} as began_at,
    {as_of:DateTime64(3, 'UTC')} as due_at
