-- What is watched for outages: k of n, per hour of some days, group and series?
--
-- The rules of `signal_rates` about which outputs could have shown a signal, hour by hour; k and n
-- are effective numbers, as in `series_counts_at`.
with
    flagged as
    (
        select
            day,
            service,
            environment,
            feature,
            sum(any_seen) over week > 0 as watched,
            max(day_weight) over week > 1 as thinned,
            sum(any_hashed) over week > 0 and not thinned as hashed,
            sum(any_copies) over week > 0 as copies_in_week,
            sum(any_closes) over week > 0 as closes_in_week,
            sum(any_edits) over week > 0 as edits_in_week,
            sum(any_accepts) over week > 0 as accepts_in_week,
            sum(any_rejects) over week > 0 as rejects_in_week,
            sum(any_ratings) over week > 0 as ratings_in_week,
            if(thinned, sum(any_reported_reasks) over week, sum(any_reasks) over week) > 0
                as reasks_in_week,
            if(
                thinned,
                sum(any_reported_regenerations) over week,
                sum(any_regenerations) over week
            ) > 0 as regenerations_in_week
        from
        (
            select
                day,
                service,
                environment,
                feature,
                max(s.max_weight) as day_weight,
                sum(s.seen_answers[1]) as any_seen,
                sum(s.hashed_turns[1]) as any_hashed,
                sum(s.copies[1]) as any_copies,
                sum(s.closes[1]) as any_closes,
                sum(s.edits[1]) as any_edits,
                sum(s.accepts[1]) as any_accepts,
                sum(s.rejects[1]) as any_rejects,
                sum(s.ratings[1]) as any_ratings,
                sum(s.reasks[1]) as any_reasks,
                sum(s.reported_reasks[1]) as any_reported_reasks,
                sum(s.regenerations[1]) as any_regenerations,
                sum(s.reported_regenerations[1]) as any_reported_regenerations
            from signals_by_day_within(
                since = toDate(greatest(toInt32({since:Date}) - 7, 0)), until = {until:Date}
            ) as s
            group by day, service, environment, feature
        )
        window week as
        (
            partition by service, environment, feature
            order by day range between 7 preceding and current row
        )
    ),
    hourly as
    (
        select
            day,
            hour,
            service,
            environment,
            feature,
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
        from signals as s
        where day >= {since:Date} and day <= {until:Date}
        group by day, hour, service, environment, feature
    ),
    exposed as
    (
        select
            hour,
            day,
            service,
            environment,
            feature,
            [0., 0., 0.] as none,
            if(watched, seen_answers, answers) as shown,
            arrayJoin([
                (
                    'copied',
                    if(watched, seen_copies, copies),
                    if(watched or copies_in_week, shown, none)
                ),
                (
                    'closed_fast',
                    if(watched, seen_closes, closes),
                    if(watched or closes_in_week, shown, none)
                ),
                (
                    'edited_heavily',
                    if(watched, seen_heavy_edits, heavy_edits),
                    if(edits_in_week, shown, none)
                ),
                (
                    'accepted',
                    if(watched, seen_accepts, accepts),
                    if(accepts_in_week, shown, none)
                ),
                (
                    'rejected',
                    if(watched, seen_rejects, rejects),
                    if(rejects_in_week, shown, none)
                ),
                ('rated', if(watched, seen_ratings, ratings), if(ratings_in_week, shown, none)),
                (
                    'reasked',
                    multiIf(hashed, hashed_reasks, thinned, reported_reasks, reasks),
                    multiIf(hashed, hashed_turns, reasks_in_week, turns, none)
                ),
                (
                    'regenerated',
                    multiIf(
                        hashed, hashed_regenerations, thinned, reported_regenerations, regenerations
                    ),
                    multiIf(hashed, hashed_turns, regenerations_in_week, turns, none)
                ),
                ('failed', failures, outputs)
            ]) as series_counts
        from hourly
        join flagged using (day, service, environment, feature)
    )
select
    day,
    hour,
    service,
    environment,
    feature,
    series_counts.1 as series,
    series_counts.3[2] * series_counts.3[2] / series_counts.3[3] as n,
    n * series_counts.2[2] / series_counts.3[2] as k
from exposed
where series_counts.3[1] > 0
