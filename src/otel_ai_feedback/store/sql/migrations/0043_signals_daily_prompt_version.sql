-- The same in their days.
alter table signals_daily add column if not exists prompt_version LowCardinality(String)
