-- What time is it where the data are, what is today at a given moment, and which version is next?
select
    now64(3, 'UTC') as began_at,
    {{today}} as today,
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        {{zone}}
    ) as matured_day,
    toUInt64(generateSnowflakeID()) as version
