-- What did each group send on some days that tells which outputs a user saw?
--
-- A group is a service, environment and feature. `evidence` is 2 on a day with an output that the
-- script saw on a page, 1 on a day with a handle, else 0; `rule` is what follows from it for the
-- day, judged from the 7 days before, or from the day itself when it is the group's first. Where
-- `traces` is not empty, it is enough to judge the days of these traces for which no rule was kept.
with
    judged_by as
    (
        select
            toDate(arrayJoin(range(
                greatest(toInt32(day), 8) - 8, least(toInt32(day) + 2, 65536)
            ))) as output_day
        from oracle_output_spans
        where
            trace_id in {traces:Array(String)}
            and output_day >= toDate(greatest(toInt32({since:Date}) - 1, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
            and (day, service, environment, feature) not in
            (
                select day, service, environment, feature
                from delivery_rules
            )
    ),
    -- spans and requests apart: requests of which something was sent are few, or none
    told as
    (
        select
            day,
            service,
            environment,
            feature,
            max(multiIf(
                s.seen_at <= {as_of:DateTime64(3, 'UTC')}, 2,
                s.handled or s.request_handled, 1,
                0
            )) as told_evidence,
            max(arrived) as told_at
        from oracle_output_spans as s
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 8, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
            and (empty({traces:Array(String)}) or output_day in (select output_day from judged_by))
            and started <= {as_of:DateTime64(3, 'UTC')}
        group by day, service, environment, feature
        union all
        select
            day,
            service,
            environment,
            feature,
            max(multiIf(
                sent.seen_at <= {as_of:DateTime64(3, 'UTC')}, 2,
                sent.handled, 1,
                0
            )) as told_evidence,
            max(arrived) as told_at
        from oracle_output_spans as s
        inner join
        (
            select
                trace_id,
                request_span_id,
                max(handled) as handled,
                minIf(request_state.done['seen'], mapContains(request_state.done, 'seen')) as first_seen,
                if(toUnixTimestamp64Milli(first_seen) = 0, null, toNullable(first_seen)) as seen_at
            from request_state
            where day >= toDate(greatest(toInt32({since:Date}) - 9, 0))
            group by trace_id, request_span_id
        ) as sent using (trace_id, request_span_id)
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 8, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
            and (empty({traces:Array(String)}) or output_day in (select output_day from judged_by))
            and started <= {as_of:DateTime64(3, 'UTC')}
            and trace_id in
            (
                select trace_id
                from request_state
                where day >= toDate(greatest(toInt32({since:Date}) - 9, 0))
            )
        group by day, service, environment, feature
    ),
    days as
    (
        select
            day,
            service,
            environment,
            feature,
            max(told_evidence) as evidence,
            max(told_at) as last_arrived_at
        from told
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
