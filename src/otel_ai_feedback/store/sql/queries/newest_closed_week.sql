-- Which is the newest week that has ended?
select toMonday(toDate(
    {as_of:DateTime64(3, 'UTC')},
    coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
)) - 7 as week
