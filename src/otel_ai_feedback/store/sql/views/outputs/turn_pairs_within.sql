-- Which turns of some days were followed by another, and how similar are their questions?
--
-- A turn is a request that delivered an output; the calls of a tool loop are not turns. `similarity`
-- estimates the Jaccard similarity of the distinct grams of the two questions (of long ones, of their
-- two ends) from the share of equal bins of their sketches, less the 1/256 of the bins that are equal
-- by chance; its standard error is .04 at .3. It is empty where a question is too short to be more
-- than "continue"; such a question has no hash either.
--
-- The same question again is a regeneration while it can still count (30 minutes), unless it came
-- before the answer had been there for 2 seconds: then a client or proxy has tried again, and no user
-- has judged an answer. One alike (.30) within `limit_seconds` of the answer, 45 where it was spoken
-- and 300 where it was written, is a re-ask.
with
    turns as
    (
        select
            service,
            environment,
            conversation_id,
            trace_id,
            request_span_id,
            argMax(o.feature, (o.time, o.output_id)) as feature,
            argMax(o.output_id, (o.time, o.output_id)) as output_id,
            argMax(o.output_day, (o.time, o.output_id)) as output_day,
            argMax(o.input_hash, (o.time, o.output_id)) as input_hash,
            argMax(o.input_sketch, (o.time, o.output_id)) as input_sketch,
            max(o.voice) as voice,
            min(o.asked_at) as asked_at,
            max(ended_at) as answered_at,
            max(matured_at) as turn_matured_at
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32({since:Date}) - 1, 0)),
            until = toDate(least(toInt32({until:Date}) + 2, 65535))
        ) as o
        where conversation_id != ''
        group by service, environment, conversation_id, trace_id, request_span_id
    ),
    pairs as
    (
        select
            *,
            leadInFrame(output_id) over conversation as next_output_id,
            leadInFrame(input_hash) over conversation as next_input_hash,
            leadInFrame(input_sketch) over conversation as next_input_sketch,
            leadInFrame(asked_at) over conversation as next_asked_at,
            leadInFrame(turn_matured_at) over conversation as next_turn_matured_at
        from turns
        window conversation as
        (
            partition by service, environment, conversation_id
            order by asked_at, output_id
            rows between unbounded preceding and unbounded following
        )
    )
select
    service,
    environment,
    feature,
    conversation_id,
    output_day,
    output_id,
    next_output_id,
    next_asked_at,
    dateDiff('millisecond', answered_at, next_asked_at) / 1000 as gap_seconds,
    if(voice, 45, 300) as limit_seconds,
    input_hash != '' and input_hash = next_input_hash as identical,
    if(
        input_sketch != '' and length(input_sketch) = length(next_input_sketch),
        greatest(
            0,
            (256 * (1 - 2 * byteHammingDistance(
                unhex(input_sketch),
                unhex(if(
                    length(input_sketch) = length(next_input_sketch),
                    next_input_sketch,
                    input_sketch
                ))
            ) / length(input_sketch)) - 1) / 255
        ),
        null
    ) as similarity,
    multiIf(
        identical and gap_seconds < 2, '',
        identical and gap_seconds <= 1800, 'regenerate',
        ifNull(similarity, 0) >= 0.3 and gap_seconds <= limit_seconds, 'reask',
        ''
    ) as action,
    greatest(turn_matured_at, next_turn_matured_at) as matured_at,
    matured_at <= {as_of:DateTime64(3, 'UTC')} as matured
from pairs
where
    next_output_id != ''
    and output_day >= {since:Date}
    and output_day <= {until:Date}
