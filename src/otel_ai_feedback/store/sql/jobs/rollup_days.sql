-- Which computation of a rollup holds for a day from now on?
insert into rollup_days
select
    {rollup:String} as rollup,
    {day:Date} as day,
    {version:UInt64} as version,
    {frozen:Bool} as frozen,
    {as_of:DateTime64(3, 'UTC')} as as_of,
    {began_at:DateTime64(3, 'UTC')} as began_at,
    {due_at:DateTime64(3, 'UTC')} as due_at
