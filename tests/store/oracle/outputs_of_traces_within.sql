-- Which outputs of some days and traces were delivered, and what was the outcome of each, at a given time?
--
-- Of the traces `traces`, or of all where that is empty: an output is looked up by its trace, at next
-- to no cost, unless its day is still open and the rule of its group is to be found first.
--
-- One row is one delivered output. Delivered are outputs that the script saw on a page and outputs
-- for which (or for whose request) a handle left the service; in a group that sends neither, the
-- last output with text of each request. What a group sends is judged from its 7 days before, or
-- from the day itself when it is the group's first, and kept once the day is closed. A request that
-- ended in failure, with no text for anyone, counts as its failed output in every group.
--
-- Only what was done within 30 minutes after the output ended counts, so that class is a function
-- of the times of actions, not of their arrival. Rates are for rows with `matured`, and count each
-- with its `weight`: for how many outputs it stands under head sampling. `asked_at` is when the first
-- model call of its request began; `reask_derived` and `regenerate_derived` say that this was found
-- by pairing turns and not reported.
with
    decided as
    (
        select
            *,
            least(
                toDateTime64(ended, 3, 'UTC') + interval 30 minute,
                {as_of:DateTime64(3, 'UTC')}
            ) as counted_until,
            toDateTime64(greatest(ended, ingested), 3, 'UTC') + interval 30 minute as matured_at,
            if(closed.decided, closed.rule, live.rule) as rule,
            ['last_in_request', 'handle', 'seen'][rule + 1] as delivery_rule,
            multiIf(
                seen_at is not null, 'seen',
                named, 'handle',
                last_failed or (last_with_text and rule = 0), 'last_in_request',
                ''
            ) as delivered_by
        from oracle_output_candidates_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = {since:Date},
            until = {until:Date},
            traces = {traces:Array(String)}
        ) as candidates
        left any join
        (
            select *
            from oracle_delivery_evidence_within(
                as_of = {as_of:DateTime64(3, 'UTC')},
                since = {since:Date},
                until = {until:Date},
                traces = {traces:Array(String)}
            )
        ) as live using (day, service, environment, feature)
        left join
        (
            select
                day,
                service,
                environment,
                feature,
                max(delivery_rules.rule) as rule,
                true as decided
            from delivery_rules
            group by day, service, environment, feature
        ) as closed using (day, service, environment, feature)
        left join
        (
            select
                output_day,
                trace_id,
                span_id as output_span_id,
                if(action = 'reask', toNullable(time), null) as derived_reasked_at,
                if(action = 'regenerate', toNullable(time), null) as derived_regenerated_at
            from derived_actions final
            where
                output_day >= toDate(greatest(toInt32({since:Date}) - 1, 0))
                and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
                and (empty({traces:Array(String)}) or trace_id in {traces:Array(String)})
        ) as derived using (output_day, trace_id, output_span_id)
    )
select
    concat(trace_id, '-', output_span_id) as output_id,
    toDateTime64(started, 3, 'UTC') as time,
    day,
    output_day,
    service,
    environment,
    feature,
    model,
    release,
    prompt_version,
    weight,
    weight_source,
    conversation_id,
    subject,
    trace_id,
    output_span_id as span_id,
    request_span_id,
    response_id,
    output_hash,
    output_length,
    input_hash,
    input_sketch,
    toBool(voice) as voice,
    toDateTime64(asked_at, 3, 'UTC') as asked_at,
    toDateTime64(ended, 3, 'UTC') as ended_at,
    (toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9 as duration_seconds,
    delivered_by,
    delivery_rule,
    failed,
    seen_at is not null as seen,
    multiIf(
        failed, 'failed',
        rejected_at is not null, 'rejected',
        regenerated_at is not null, 'regenerated',
        reasked_at is not null and used_at is null, 'reask',
        reasked_at is not null, 'used_reask',
        closed_fast_at is not null, 'closed_fast',
        edited_heavily_at is not null, 'used_edited',
        used_at is not null, 'used',
        copied_part_at is not null, 'used_part',
        'none'
    ) as class,
    matured_at,
    arrived as arrived_at,
    matured_at <= {as_of:DateTime64(3, 'UTC')} as matured,
    decided.seen_at as seen_at,
    least(copied_at, edited_at, accepted_at, inserted_at, shared_at) as used_at,
    if(decided.copied_at <= counted_until, decided.copied_at, null) as copied_at,
    if(decided.copied_part_at <= counted_until, decided.copied_part_at, null) as copied_part_at,
    if(decided.edited_at <= counted_until, decided.edited_at, null) as edited_at,
    if(decided.edited_heavily_at <= counted_until, decided.edited_heavily_at, null)
        as edited_heavily_at,
    if(decided.accepted_at <= counted_until, decided.accepted_at, null) as accepted_at,
    if(decided.inserted_at <= counted_until, decided.inserted_at, null) as inserted_at,
    if(decided.shared_at <= counted_until, decided.shared_at, null) as shared_at,
    if(decided.rejected_at <= counted_until, decided.rejected_at, null) as rejected_at,
    if(decided.rated_at <= counted_until, decided.rated_at, null) as rated_at,
    if(decided.escalated_at <= counted_until, decided.escalated_at, null) as escalated_at,
    if(
        least(decided.reasked_at, derived_reasked_at) <= counted_until,
        least(decided.reasked_at, derived_reasked_at),
        null
    ) as reasked_at,
    if(
        least(decided.regenerated_at, derived_regenerated_at) <= counted_until,
        least(decided.regenerated_at, derived_regenerated_at),
        null
    ) as regenerated_at,
    -- who took the answer along and closed the page has used it, in whichever order
    if(
        decided.closed_at <= least(toDateTime64(ended, 3, 'UTC') + interval 5 second, counted_until)
            and used_at is null and edited_heavily_at is null and copied_part_at is null,
        decided.closed_at,
        null
    ) as closed_fast_at,
    reasked_at is not null and not ifNull(decided.reasked_at <= counted_until, false)
        as reask_derived,
    regenerated_at is not null and not ifNull(decided.regenerated_at <= counted_until, false)
        as regenerate_derived
from decided
where delivered_by != ''
