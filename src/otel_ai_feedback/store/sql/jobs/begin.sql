-- What time is it where the data are, what is today at a given moment, and which version is next?
select
    now64(3, 'UTC') as began_at,
    toDate(
        {as_of:DateTime64(3, 'UTC')},
        coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
    ) as today,
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
    ) as matured_day,
    toUInt64(generateSnowflakeID()) as version
