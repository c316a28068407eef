-- What time does the store think it is?
select toUnixTimestamp64Milli(now64(3, 'UTC')) as unix_ms
