-- Counts by prompt version too: in the recent hours. What was counted before has none.
alter table signals_recent add column if not exists prompt_version LowCardinality(String)
