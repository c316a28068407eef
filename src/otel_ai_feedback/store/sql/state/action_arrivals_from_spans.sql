-- The hours of the user actions that arrive, by the time of the action.
create materialized view if not exists action_arrivals_from_spans to action_arrivals as
select
    toStartOfHour(toDateTime(Timestamp, 'UTC'), 'UTC') as hour,
    now('UTC') as arrived
from otel_traces
where mapContains(SpanAttributes, 'ai_feedback.action.name')
group by hour
