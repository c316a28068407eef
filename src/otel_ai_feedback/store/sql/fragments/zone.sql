-- The time zone in which a day is a day, for the whole store.
coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
