-- Which outputs of some days were delivered, and with which outcome, as of a given time?
--
-- One row is one delivered output. Delivered are outputs that the script saw on a page and outputs
-- for which (or for whose request) a handle left the service; in a group that sends neither, the
-- last output with text of each request. What a group sends is judged from its 7 days before, or
-- from the day itself when it is the group's first, and kept once the day is closed. A request that
-- ended in failure, with no text for the user, counts as its failed output in every group.
--
-- `done` has the user actions on it within 30 minutes after it ended, by name, and when it was first
-- done; `derived` are the names of what was found by pairing turns and was not reported. So class is a
-- function of the times of actions, not of their arrival. Rates are for rows with `matured`, and count
-- each with its `weight`: for how many outputs it stands under head sampling. `asked_at` is when the
-- first model call of its request began, and `bucket` one of 64 groups of people.
with
    least(
        toDateTime64(f.ended, 3, 'UTC') + interval 30 minute, {as_of:DateTime64(3, 'UTC')}
    ) as counted_until,
    mapFilter((name, at) -> at <= counted_until, f.done) as reported,
    mapUpdate(
        mapFilter((name, at) -> at <= counted_until, f.derived),
        mapFilter(
            (name, at) -> name != 'closed' and name != 'seen',
            reported
        )
    ) as counted,
    {{is_use(counted)}} as used,
    -- who took the answer along and closed the page has used it, in whichever order
    mapContains(reported, 'closed')
        and reported['closed'] <= toDateTime64(f.ended, 3, 'UTC') + interval 5 second
        and not used
        and not mapContains(counted, 'edited_heavily')
        and not mapContains(counted, 'copied_part') as closed_fast
select
    concat(trace_id, '-', span_id) as output_id,
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
    bucket,
    conversation_id,
    subject,
    trace_id,
    span_id,
    request_span_id,
    response_id,
    output_hash,
    output_length,
    input_hash,
    input_sketch,
    text_rate,
    voice,
    toDateTime64(f.asked_at, 3, 'UTC') as asked_at,
    toDateTime64(ended, 3, 'UTC') as ended_at,
    (toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9 as duration_seconds,
    multiIf(
        seen, 'seen',
        named, 'handle',
        last_failed or (last_with_text and rule = 0), 'last_in_request',
        ''
    ) as delivered_by,
    ['last_in_request', 'handle', 'seen'][rule + 1] as delivery_rule,
    failed,
    mapContains(f.done, 'seen') and f.done['seen'] <= {as_of:DateTime64(3, 'UTC')} as seen,
    {{outcome_of(counted)}} as class,
    matured_at,
    arrived as arrived_at,
    matured_at <= {as_of:DateTime64(3, 'UTC')} as matured,
    mapUpdate(
        counted, mapFilter((name, at) -> closed_fast, map('closed_fast', f.done['closed']))
    ) as done,
    arrayFilter(
        name -> not mapContains(reported, name),
        mapKeys(mapFilter((name, at) -> at <= counted_until, f.derived))
    ) as derived
from output_facts as f final
where
    present
    and day >= {since:Date}
    and day <= {until:Date}
    and output_day >= toDate(greatest(toInt32({since:Date}) - 1, 0))
    and output_day <= toDate(least(toInt32({until:Date}) + 1, 65535))
    and started <= {as_of:DateTime64(3, 'UTC')}
    and delivered_by != ''
