-- How often did people copy, edit, ask again, reject ... each day, by service, model and release?
--
-- Over matured outputs with text; `failed` over all. n counts the outputs that could have shown the
-- signal, and there is no row where none could: a day without data is a gap, not a zero. What a
-- script in the page reports is counted over the outputs that it saw; without a script, over all, if
-- the group reported that signal at all that week. What only some applications offer (editing,
-- accepting, rejecting, rating) has a rate only where it was used that week. Asking again and
-- regenerating is counted over outputs in a conversation whose question was hashed.
-- low and high are the 95 % Wilson interval.
with
    daily as
    (
        select
            day,
            service,
            environment,
            feature,
            model,
            release,
            count() as outputs,
            countIf(failed) as failures,
            countIf(not failed) as answers,
            countIf(not failed and seen) as seen_answers,
            countIf(turn) as turns,
            countIf(hashed_turn) as hashed_turns,
            countIf(not failed and copied_at is not null) as copied,
            countIf(not failed and seen and copied_at is not null) as seen_copied,
            countIf(not failed and closed_fast_at is not null) as closed_fast,
            countIf(not failed and seen and closed_fast_at is not null) as seen_closed_fast,
            countIf(not failed and edited_at is not null) as edited,
            countIf(not failed and edited_heavily_at is not null) as edited_heavily,
            countIf(not failed and seen and edited_heavily_at is not null) as seen_edited_heavily,
            countIf(not failed and accepted_at is not null) as accepted,
            countIf(not failed and seen and accepted_at is not null) as seen_accepted,
            countIf(not failed and rejected_at is not null) as rejected,
            countIf(not failed and seen and rejected_at is not null) as seen_rejected,
            countIf(not failed and rated_at is not null) as rated,
            countIf(not failed and seen and rated_at is not null) as seen_rated,
            countIf(turn and reasked_at is not null) as reasked,
            countIf(hashed_turn and reasked_at is not null) as hashed_reasked,
            countIf(turn and regenerated_at is not null) as regenerated,
            countIf(hashed_turn and regenerated_at is not null) as hashed_regenerated
        from
        (
            select
                *,
                not failed and conversation_id != '' as turn,
                turn and input_hash != '' as hashed_turn
            from outputs_at(as_of = {as_of:DateTime64(3, 'UTC')})
        )
        where matured
        group by day, service, environment, feature, model, release
    ),
    -- per series: which outputs could have shown it (n), and which did (k)
    exposed as
    (
        select
            *,
            sum(seen_answers) over week > 0 as watched,
            sum(hashed_turns) over week > 0 as hashed,
            if(watched, seen_answers, answers) as shown,
            arrayJoin([
                (
                    'copied',
                    if(watched, seen_copied, copied),
                    if(watched or sum(copied) over week > 0, shown, 0)
                ),
                (
                    'closed_fast',
                    if(watched, seen_closed_fast, closed_fast),
                    if(watched or sum(closed_fast) over week > 0, shown, 0)
                ),
                (
                    'edited_heavily',
                    if(watched, seen_edited_heavily, edited_heavily),
                    if(sum(edited) over week > 0, shown, 0)
                ),
                (
                    'accepted',
                    if(watched, seen_accepted, accepted),
                    if(sum(accepted) over week > 0, shown, 0)
                ),
                (
                    'rejected',
                    if(watched, seen_rejected, rejected),
                    if(sum(rejected) over week > 0, shown, 0)
                ),
                (
                    'rated',
                    if(watched, seen_rated, rated),
                    if(sum(rated) over week > 0, shown, 0)
                ),
                (
                    'reasked',
                    if(hashed, hashed_reasked, reasked),
                    multiIf(hashed, hashed_turns, sum(reasked) over week > 0, turns, 0)
                ),
                (
                    'regenerated',
                    if(hashed, hashed_regenerated, regenerated),
                    multiIf(hashed, hashed_turns, sum(regenerated) over week > 0, turns, 0)
                ),
                ('failed', failures, outputs)
            ]) as counts
        from daily
        window week as
        (
            partition by service, environment, feature
            order by day range between 7 preceding and current row
        )
    ),
    counted as
    (
        select
            day,
            service,
            environment,
            feature,
            model,
            release,
            counts.1 as series,
            toUInt64(counts.2) as k,
            toUInt64(counts.3) as n
        from exposed
        union all
        select
            day,
            service,
            environment,
            feature,
            model,
            release,
            'returned_7d' as series,
            k,
            n
        from returning_at(as_of = {as_of:DateTime64(3, 'UTC')})
    )
select
    day,
    service,
    environment,
    feature,
    model,
    release,
    series,
    k,
    n,
    k / n as rate,
    -- rounding must not carry a bound past the rate or out of [0, 1]
    greatest(0., (2 * k + zz - sqrt(zz * (zz + 4 * k * (n - k) / n))) / (2 * (n + zz))) as low,
    least(1., (2 * k + zz + sqrt(zz * (zz + 4 * k * (n - k) / n))) / (2 * (n + zz))) as high
from (select *, 1.959964 * 1.959964 as zz from counted)
where n > 0
