-- What did each group send on some days that tells which outputs somebody got to see?
--
-- A group is a service, environment and feature. `evidence` is 2 on a day with an output that the
-- script saw on a page, 1 on a day with a handle, else 0; `rule` is what follows from it for the
-- day, judged from the 7 days before, or from the day itself when it is the group's first.
with
    days as
    (
        select
            day,
            service,
            environment,
            feature,
            max(multiIf(
                least(s.seen_at, sent.seen_at) <= {as_of:DateTime64(3, 'UTC')}, 2,
                s.handled or request_handled or sent.handled, 1,
                0
            )) as evidence,
            max(arrived) as last_arrived_at
        from output_spans as s
        left any join
        (
            select
                trace_id,
                request_span_id,
                max(handled) as handled,
                min(seen_at) as seen_at
            from request_state
            where day >= toDate(greatest(toInt32({since:Date}) - 9, 0))
            group by trace_id, request_span_id
        ) as sent using (trace_id, request_span_id)
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 8, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
            and started <= {as_of:DateTime64(3, 'UTC')}
        group by day, service, environment, feature
    )
select
    day,
    service,
    environment,
    feature,
    evidence,
    last_arrived_at,
    if(count() over week_before > 0, max(evidence) over week_before, evidence) as rule
from days
window week_before as
(
    partition by service, environment, feature
    order by day range between 7 preceding and 1 preceding
)
