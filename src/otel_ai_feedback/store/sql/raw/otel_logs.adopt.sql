-- Exporters before v0.123 had no EventName; the view over otel_logs reads it, so an adopted table
-- gets it. Those exporters name their columns on insert and do not notice.
alter table otel_logs add column if not exists EventName String codec(ZSTD(1))
