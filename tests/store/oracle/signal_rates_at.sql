-- How often did people copy, edit, ask again, reject ... each day, as known at a given time?
--
-- Over matured outputs with text; `failed` over all. n counts the outputs that could have shown the
-- signal, and there is no row where none could: a day without data is a gap, not a zero. What a
-- script in the page reports is counted over the outputs that it saw; without a script, over all, if
-- the group reported that signal at all that week. What only some applications offer (editing,
-- accepting, rejecting, rating) has a rate only where it was used that week. Asking again and
-- regenerating is counted over outputs in a conversation whose question was hashed.
--
-- k and n are the outputs here. Under head sampling each stands for as many as its weight says, all
-- together for k_weighted and n_weighted; rate is the one divided by the other. low and high are the
-- 95 % Wilson interval at n_effective = (sum of weights)^2 / sum of their squares (Kish 1965), which
-- is n where all weights are equal. Two turns of a conversation are seldom sampled both, so where
-- traces are left out, only re-asks and regenerations that were reported have a rate.
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
            prompt_version,
            max(s.max_weight) as max_weight,
            sumForEach(s.outputs) as outputs,
            sumForEach(s.failures) as failures,
            sumForEach(s.answers) as answers,
            sumForEach(s.seen_answers) as seen_answers,
            sumForEach(s.turns) as turns,
            sumForEach(s.hashed_turns) as hashed_turns,
            sumForEach(s.copies) as copies,
            sumForEach(s.seen_copies) as seen_copies,
            sumForEach(s.closes) as closes,
            sumForEach(s.seen_closes) as seen_closes,
            sumForEach(s.edits) as edits,
            sumForEach(s.heavy_edits) as heavy_edits,
            sumForEach(s.seen_heavy_edits) as seen_heavy_edits,
            sumForEach(s.accepts) as accepts,
            sumForEach(s.seen_accepts) as seen_accepts,
            sumForEach(s.rejects) as rejects,
            sumForEach(s.seen_rejects) as seen_rejects,
            sumForEach(s.ratings) as ratings,
            sumForEach(s.seen_ratings) as seen_ratings,
            sumForEach(s.reasks) as reasks,
            sumForEach(s.hashed_reasks) as hashed_reasks,
            sumForEach(s.reported_reasks) as reported_reasks,
            sumForEach(s.regenerations) as regenerations,
            sumForEach(s.hashed_regenerations) as hashed_regenerations,
            sumForEach(s.reported_regenerations) as reported_regenerations
        from oracle_signals_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06') as s
        group by day, service, environment, feature, model, release, prompt_version
    ),
    -- per series: which outputs could have shown it (n), and which did (k)
    exposed as
    (
        select
            *,
            [0., 0., 0.] as none,
            sum(seen_answers[1]) over week > 0 as watched,
            max(max_weight) over week > 1 as thinned,
            sum(hashed_turns[1]) over week > 0 and not thinned as hashed,
            if(watched, seen_answers, answers) as shown,
            if(thinned, reported_reasks, reasks) as known_reasks,
            if(thinned, reported_regenerations, regenerations) as known_regenerations,
            if(thinned, sum(reported_reasks[1]) over week, sum(reasks[1]) over week)
                as reasks_in_week,
            if(thinned, sum(reported_regenerations[1]) over week, sum(regenerations[1]) over week)
                as regenerations_in_week,
            arrayJoin([
                (
                    'copied',
                    if(watched, seen_copies, copies),
                    if(watched or sum(copies[1]) over week > 0, shown, none)
                ),
                (
                    'closed_fast',
                    if(watched, seen_closes, closes),
                    if(watched or sum(closes[1]) over week > 0, shown, none)
                ),
                (
                    'edited_heavily',
                    if(watched, seen_heavy_edits, heavy_edits),
                    if(sum(edits[1]) over week > 0, shown, none)
                ),
                (
                    'accepted',
                    if(watched, seen_accepts, accepts),
                    if(sum(accepts[1]) over week > 0, shown, none)
                ),
                (
                    'rejected',
                    if(watched, seen_rejects, rejects),
                    if(sum(rejects[1]) over week > 0, shown, none)
                ),
                (
                    'rated',
                    if(watched, seen_ratings, ratings),
                    if(sum(ratings[1]) over week > 0, shown, none)
                ),
                (
                    'reasked',
                    if(hashed, hashed_reasks, known_reasks),
                    multiIf(
                        hashed, hashed_turns,
                        reasks_in_week > 0, turns,
                        none
                    )
                ),
                (
                    'regenerated',
                    if(hashed, hashed_regenerations, known_regenerations),
                    multiIf(
                        hashed, hashed_turns,
                        regenerations_in_week > 0, turns,
                        none
                    )
                ),
                ('failed', failures, outputs)
            ]) as series_counts
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
            prompt_version,
            series_counts.1 as series,
            toUInt64(series_counts.2[1]) as k,
            toUInt64(series_counts.3[1]) as n,
            series_counts.2[2] as k_weighted,
            series_counts.3[2] as n_weighted,
            n_weighted * n_weighted / series_counts.3[3] as n_effective
        from exposed
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
    k_weighted,
    n_weighted,
    n_effective,
    k_weighted / n_weighted as rate,
    -- rounding must not carry a bound past the rate or out of [0, 1]
    greatest(0., least(rate, (2 * n_effective * rate + zz - spread) / (2 * (n_effective + zz))))
        as low,
    least(1., greatest(rate, (2 * n_effective * rate + zz + spread) / (2 * (n_effective + zz))))
        as high,
    prompt_version
from
(
    select
        *,
        1.959964 * 1.959964 as zz,
        sqrt(zz * (zz + 4 * n_effective * (k_weighted / n_weighted) * (1 - k_weighted / n_weighted)))
            as spread
    from counted
)
where n > 0
