-- How many outputs of some days showed each signal, each hour, and how many could have shown it?
--
-- Over matured outputs. One column per class, and one per part of k and n in `signal_rates`: the
-- number of outputs, the sum of their weights, and the sum of the squares of those. Columns with
-- `seen_` count outputs that the script saw, those with `hashed_` turns whose question was hashed.
-- Every column but `max_weight` adds up over hours, models, releases and prompt
-- versions.
with
    cells as
    (
        select
            day,
            toStartOfHour(time, 'UTC') as hour,
            service,
            environment,
            feature,
            model,
            release,
            prompt_version,
            weight,
            class,
            failed,
            not failed as answer,
            answer and seen as seen_answer,
            answer and conversation_id != '' as turn,
            turn and input_hash != '' as hashed_turn,
            answer and mapContains(done, 'copied') as copied,
            answer and mapContains(done, 'closed_fast') as closed_fast,
            answer and mapContains(done, 'edited') as edited,
            answer and mapContains(done, 'edited_heavily') as edited_heavily,
            answer and mapContains(done, 'accepted') as accepted,
            answer and mapContains(done, 'rejected') as rejected,
            answer and mapContains(done, 'rated') as rated,
            turn and mapContains(done, 'reasked') as reasked,
            reasked and not has(derived, 'reasked') as reask_reported,
            turn and mapContains(done, 'regenerated') as regenerated,
            regenerated and not has(derived, 'regenerated') as regenerate_reported,
            toFloat64(count()) as outputs,
            [outputs, outputs * weight, outputs * weight * weight] as counts
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
        )
        where matured
        group by all
    )
select
    day,
    hour,
    service,
    environment,
    feature,
    model,
    release,
    max(weight) as max_weight,
    sumForEach(counts) as outputs,
    sumForEachIf(counts, failed) as failures,
    sumForEachIf(counts, answer) as answers,
    sumForEachIf(counts, seen_answer) as seen_answers,
    sumForEachIf(counts, turn) as turns,
    sumForEachIf(counts, hashed_turn) as hashed_turns,
    sumForEachIf(counts, copied) as copies,
    sumForEachIf(counts, copied and seen_answer) as seen_copies,
    sumForEachIf(counts, closed_fast) as closes,
    sumForEachIf(counts, closed_fast and seen_answer) as seen_closes,
    sumForEachIf(counts, edited) as edits,
    sumForEachIf(counts, edited_heavily) as heavy_edits,
    sumForEachIf(counts, edited_heavily and seen_answer) as seen_heavy_edits,
    sumForEachIf(counts, accepted) as accepts,
    sumForEachIf(counts, accepted and seen_answer) as seen_accepts,
    sumForEachIf(counts, rejected) as rejects,
    sumForEachIf(counts, rejected and seen_answer) as seen_rejects,
    sumForEachIf(counts, rated) as ratings,
    sumForEachIf(counts, rated and seen_answer) as seen_ratings,
    sumForEachIf(counts, reasked) as reasks,
    sumForEachIf(counts, reasked and hashed_turn) as hashed_reasks,
    sumForEachIf(counts, reask_reported) as reported_reasks,
    sumForEachIf(counts, regenerated) as regenerations,
    sumForEachIf(counts, regenerated and hashed_turn) as hashed_regenerations,
    sumForEachIf(counts, regenerate_reported) as reported_regenerations,
    toUInt64(sumIf(counts[1], class = 'failed')) as class_failed,
    toUInt64(sumIf(counts[1], class = 'rejected')) as class_rejected,
    toUInt64(sumIf(counts[1], class = 'regenerated')) as class_regenerated,
    toUInt64(sumIf(counts[1], class = 'reask')) as class_reask,
    toUInt64(sumIf(counts[1], class = 'used_reask')) as class_used_reask,
    toUInt64(sumIf(counts[1], class = 'closed_fast')) as class_closed_fast,
    toUInt64(sumIf(counts[1], class = 'used_edited')) as class_used_edited,
    toUInt64(sumIf(counts[1], class = 'used')) as class_used,
    toUInt64(sumIf(counts[1], class = 'used_part')) as class_used_part,
    toUInt64(sumIf(counts[1], class = 'none')) as class_none,
    prompt_version
from cells
group by day, hour, service, environment, feature, model, release, prompt_version
