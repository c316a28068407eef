-- The same in the hours of days older than a week.
alter table signals_frozen add column if not exists prompt_version LowCardinality(String)
