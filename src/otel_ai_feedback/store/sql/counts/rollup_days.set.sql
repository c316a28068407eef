-- Which computation of a day holds from now on, in some rollups?
insert into rollup_days
select
    arrayJoin({rollups:Array(String)}) as rollup,
    {day:Date} as day,
    {version:UInt64} as version,
    {frozen:Bool} as frozen,
    {as_of:DateTime64(3, 'UTC')} as as_of,
    {began_at:DateTime64(3, 'UTC')} as began_at,
    {due_at:DateTime64(3, 'UTC')} as due_at
