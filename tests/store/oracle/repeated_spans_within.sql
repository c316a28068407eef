-- Which LLM spans repeat the text of another, and which output are they?
--
-- Two instrumentations, or an agent and its model call, report one text twice on nested spans: same
-- trace, same hash, the inner within the time of the outer, not siblings (parallel calls that answer
-- alike are two outputs). A span of another service (a gateway) may have a clock of its own: it is
-- nested in the longest with that text, up to a minute off. They are one output: the one that a
-- handle or an action names, else the outermost. That one itself has no row here. `since` and `until`
-- are days; spans of a trace that start more than two days apart are not compared. Of the traces
-- `traces`, or of all where that is empty.
with
    spans as
    (
        select
            trace_id,
            span_id,
            parent_span_id,
            service,
            output_hash,
            started,
            ended,
            ended - started as length,
            handled or coalesce(
                seen_at, copied_at, copied_part_at, edited_at, accepted_at, inserted_at, shared_at,
                rejected_at, reasked_at, regenerated_at, closed_at, rated_at, escalated_at
            ) is not null as named
        from oracle_output_spans
        where
            output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
            and output_day <= toDate(least(toInt32({until:Date}) + 2, 65535))
            and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
            and started <= {as_of:DateTime64(3, 'UTC')}
            -- few texts come twice, and sorting is what costs
            and cityHash64(trace_id, output_hash) in
            (
                select cityHash64(trace_id, output_hash) as text
                from oracle_output_spans
                where
                    output_day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
                    and output_day <= toDate(least(toInt32({until:Date}) + 2, 65535))
                    and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
                    and output_hash != ''
                group by text
                having count() > 1
            )
    ),
    covered as
    (
        select
            *,
            max(ended) over outer_spans as outer_ended,
            argMax(span_id, ended) over outer_spans as outer_span_id,
            argMax(parent_span_id, ended) over outer_spans as outer_parent_span_id,
            argMax((span_id, service, started, ended), (length, span_id)) over same_text as longest
        from spans
        window
            outer_spans as
            (
                partition by trace_id, output_hash
                order by started, ended desc, span_id
                rows between unbounded preceding and 1 preceding
            ),
            same_text as (partition by trace_id, output_hash)
    ),
    nested as
    (
        select
            *,
            multiIf(
                output_hash = '', span_id,
                longest.2 != service
                and started >= longest.3 - interval 1 minute
                and ended <= longest.4 + interval 1 minute,
                longest.1,
                outer_span_id != '' and outer_ended >= ended
                and outer_parent_span_id != parent_span_id,
                outer_span_id,
                span_id
            ) as outermost_span_id
        from covered
    ),
    chosen as
    (
        select
            trace_id,
            span_id,
            argMaxIf(span_id, (length, span_id), named) over nest as named_span_id,
            if(named_span_id != '', named_span_id, outermost_span_id) as output_span_id
        from nested
        window nest as (partition by trace_id, outermost_span_id)
    )
select
    trace_id,
    span_id,
    output_span_id
from chosen
where output_span_id != span_id
