-- How did the conversations end whose last answer was on some days, as known at a given time?
--
-- A conversation is the turns with its id, none of which began more than 24 hours after the one before was answered;
-- with a longer pause, the id begins another. A turn is a request that delivered an answer. `day` is that of the last
-- turn, `turns` counts those of at most seven days before. `reasks` are turns whose question was asked again, in the
-- same words or others; `last_class` is the outcome of the last answer, `escalated` that a person was asked for.
--
-- `closed` is whether 24 hours have passed since the last answer; before that `returned` and `resolved` are
-- empty. `returned` is whether the user's next conversation with the service began within these 24 hours; empty where
-- it is not known who it was. `resolved` is that the last answer was used and not asked again, and no turn
-- was escalated: what people did, not what they thought. Both are empty where traces were left out by sampling.
with
    turns as
    (
        select
            service,
            environment,
            conversation_id,
            trace_id,
            request_span_id,
            argMax(o.feature, (o.time, o.output_id)) as turn_feature,
            argMax(o.model, (o.time, o.output_id)) as turn_model,
            argMax(o.release, (o.time, o.output_id)) as turn_release,
            argMax(o.output_id, (o.time, o.output_id)) as turn_output_id,
            argMax(o.class, (o.time, o.output_id)) as turn_class,
            argMax(o.day, (o.time, o.output_id)) as turn_day,
            argMax(o.bucket, (o.time, o.output_id)) as turn_bucket,
            max(o.subject) as turn_subject,
            max(o.weight) as turn_weight,
            min(o.asked_at) as asked_at,
            max(o.ended_at) as answered_at,
            max(mapContains(o.done, 'reasked') or mapContains(o.done, 'regenerated')) as asked_again,
            max(mapContains(o.done, 'escalated')) as was_escalated
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32({since:Date}) - 7, 0)),
            until = toDate(least(toInt32({until:Date}) + 2, 65535))
        ) as o
        where conversation_id != ''
        group by service, environment, conversation_id, trace_id, request_span_id
    ),
    paused as
    (
        select
            *,
            asked_at > lagInFrame(answered_at, 1, asked_at) over conversation + interval 24 hour as begins
        from turns
        window conversation as
        (
            partition by service, environment, conversation_id
            order by asked_at, turn_output_id
            rows between unbounded preceding and current row
        )
    ),
    numbered as
    (
        select
            *,
            sum(begins) over
            (
                partition by service, environment, conversation_id
                order by asked_at, turn_output_id
                rows between unbounded preceding and current row
            ) as part
        from paused
    ),
    whole as
    (
        select
            service,
            environment,
            conversation_id,
            argMax(n.turn_feature, (n.asked_at, n.turn_output_id)) as feature,
            argMax(n.turn_model, (n.asked_at, n.turn_output_id)) as model,
            argMax(n.turn_release, (n.asked_at, n.turn_output_id)) as release,
            argMax(n.turn_output_id, (n.asked_at, n.turn_output_id)) as last_output_id,
            argMax(n.turn_class, (n.asked_at, n.turn_output_id)) as last_class,
            argMax(n.asked_again, (n.asked_at, n.turn_output_id)) as last_asked_again,
            argMax(n.turn_day, (n.asked_at, n.turn_output_id)) as day,
            argMax(n.turn_bucket, (n.asked_at, n.turn_output_id)) as bucket,
            max(n.turn_subject) as subject,
            max(n.turn_weight) as weight,
            min(n.asked_at) as started_at,
            max(n.answered_at) as ended_at,
            count() as turns,
            countIf(n.asked_again) as reasks,
            max(n.was_escalated) as escalated
        from numbered as n
        group by service, environment, conversation_id, part
    ),
    followed as
    (
        select
            *,
            leadInFrame(started_at, 1, toDateTime64(0, 3, 'UTC')) over
            (
                partition by service, environment, subject
                order by started_at, last_output_id
                rows between unbounded preceding and unbounded following
            ) as next_started_at,
            ended_at + interval 24 hour <= {as_of:DateTime64(3, 'UTC')} as closed,
            closed and weight = 1 as known
        from whole
    )
select
    day,
    service,
    environment,
    feature,
    model,
    release,
    conversation_id,
    subject,
    bucket,
    started_at,
    ended_at,
    turns,
    reasks,
    last_output_id,
    last_class,
    toBool(escalated) as escalated,
    toBool(closed) as closed,
    if(
        known and subject != '',
        toBool(next_started_at > ended_at and next_started_at <= ended_at + interval 24 hour),
        null
    ) as returned,
    if(
        known,
        toBool(last_class in {{outcomes_of_use}} and not last_asked_again and not escalated),
        null
    ) as resolved
from followed
where day >= {since:Date} and day <= {until:Date}
