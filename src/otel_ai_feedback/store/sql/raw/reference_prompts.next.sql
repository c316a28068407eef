-- Which version of a set of reference prompts comes next, and when is that?
select
    toUInt64(generateSnowflakeID()) as version,
    now64(3, 'UTC') as imported_at
