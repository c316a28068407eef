-- Which is the last closed day, and which the newest that was frozen?
select
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 1 hour,
        {{zone}}
    ) - 1 as last_closed,
    (select maxOrNull(day) from draws) as newest_frozen
