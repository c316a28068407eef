-- Which outputs that matured on a closed day are sampled for review, and out of how many?
--
-- Every delivered output with text has a key, uniform on [0, 1) and known only to who knows the sample
-- key, divided by how often its stratum is to be read. It is sampled when the key is below the
-- group's threshold; u, the key in units of the threshold, is the order of reading. Rates and
-- threshold follow from what was frozen and said before the week began, so that every process finds
-- the same. One insert writes a day of every group that has not been frozen yet. The outputs are
-- read once: all that a group needs of itself is a window over them.
--
-- Where only a lot of the outputs keeps its text (REVIEW_TEXT=sample), nothing else can be read. The sample is
-- made within the sample, whose outputs stand for 1 / text_rate as many; all outputs are counted.
insert into draws
    (day, service, environment, feature, model, release, stratum, weight, weight_known, outputs,
        ratings, rate, threshold, drawn, run, frozen_at)
with
    {day:Date} as closed_day,
    toMonday(closed_day) as week_start,
    (select (argMin(k0, made_at), argMin(k1, made_at)) from draw_key) as draw_key,
    coalesce((select value from settings final where name = 'environments'), '') as chosen,
    -- what each group sent in the four weeks before, per stratum
    history as
    (
        select
            service,
            environment,
            feature,
            stratum,
            greatest(
                sumIf(outputs, day >= week_start - 7),
                sum(outputs) / 4
            ) as expected_outputs,
            sum(outputs) as seen_outputs,
            min(day) as first_day
        from frozen_days
        where day >= week_start - 28 and day < week_start
        group by service, environment, feature, stratum
    ),
    -- what readers had said of it when the week began
    told as
    (
        select
            service,
            environment,
            feature,
            stratum,
            countIf(label in ('good', 'bad')) as m,
            countIf(label = 'good') as x
        from review_draw as drawn
        join labels_at(as_of = toDateTime64(week_start, 3, 'UTC')) as labels
            on labels.output_id = drawn.output_id
        where day >= week_start - 28 and day < week_start
        group by service, environment, feature, stratum
    ),
    strata as
    (
        select
            service,
            environment,
            feature,
            stratum,
            expected_outputs,
            seen_outputs,
            first_day,
            (x + .5) / (m + 1) as p,
            sqrt(p * (1 - p)) as spread,
            sum(m) over (partition by service, environment, feature) as labels,
            min(spread) over (partition by service, environment, feature) as least_spread,
            if(labels < 50, 1., least(3., greatest(1., spread / least_spread))) as rate
        from history
        left join told using (service, environment, feature, stratum)
    ),
    weekly as
    (
        select
            service,
            environment,
            feature,
            sum(strata.rate * expected_outputs) as expected_keys,
            sum(seen_outputs) as seen,
            seen < 28 or min(first_day) > week_start - 7 as is_new,
            -- a stratum of which nothing is known is as uncertain as one can be
            if(any(labels) < 50, 1., least(3., greatest(1., .5 / any(least_spread)))) as unseen_rate,
            -- whose turn it is; everyone's, unless the groups are too many for the planned time
            any(turn.week) < week_start or any(turn.is_drawn) as has_turn,
            -- the target is shared by the groups that sent anything
            {target:Float64} / greatest(1, countIf(has_turn) over ()) as group_target,
            if(has_turn, group_target / expected_keys, 0.) as week_threshold
        from strata
        left join
        (
            select *
            from draw_rotation
            where week = week_start
        ) as turn using (service, environment, feature)
        group by service, environment, feature
    ),
    spent as
    (
        select service, environment, feature, sum(length(drawn)) as drawn_so_far
        from frozen_days
        where day >= week_start and day < closed_day
        group by service, environment, feature
    ),
    matured_that_day as
    (
        select
            service,
            environment,
            feature,
            model,
            release,
            class as stratum,
            weight,
            weight_source != 'unknown' as weight_known,
            output_id,
            mapContains(done, 'rated') as is_rated,
            sipHash64Keyed(draw_key, output_id) / pow(2, 64) as uniform,
            max(environment = 'production') over () as has_production
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(closed_day - 8),
            until = closed_day
        )
        where
            matured
            and class != 'failed'
            and toDate(
                matured_at,
                {{zone}}
            ) = closed_day
    ),
    lot as
    (
        select output_id, ifNull(text_rate, 0.) as kept_rate
        from output_spans
        where
            output_day >= closed_day - 9
            and output_day <= closed_day + 1
            and text_rate > 0
            and text_rate <= 1
    ),
    rated as
    (
        select output_id, toInt8(round(argMax(value, (time, action_id)))) as rating
        from actions_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(closed_day - 8),
            until = toDate(closed_day + 1)
        )
        where action = 'rating' and output_id != '' and value between -1 and 5
        group by output_id
    ),
    keyed as
    (
        select
            service,
            environment,
            feature,
            model,
            release,
            stratum,
            weight,
            weight_known,
            output_id,
            multiIf(
                strata.seen_outputs > 0, strata.rate,
                weekly.seen > 0, weekly.unseen_rate,
                1.
            ) as own_rate,
            if(is_rated, rating, 0) as counted_rating,
            lot.kept_rate > 0 as has_kept_text,
            max(lot.kept_rate) over (partition by service, environment, feature) as group_text_rate,
            -- what has no text when others have been left theirs by sample is never sampled
            group_text_rate = 0 or has_kept_text as is_readable,
            if(has_kept_text, lot.kept_rate, 1.) as own_text_rate,
            if(is_readable, uniform / own_rate, inf) as key,
            weekly.seen = 0 or weekly.is_new as is_new_group,
            if(
                weekly.seen = 0,
                -- what turns up in a week in which groups take turns waits for its own
                (select countIf(not is_drawn) from draw_rotation where week = week_start) = 0,
                weekly.has_turn
            ) as has_turn,
            weekly.week_threshold / if(group_text_rate > 0, group_text_rate, 1.) as week_threshold,
            weekly.group_target as group_target,
            spent.drawn_so_far as drawn_so_far
        from matured_that_day
        left join strata using (service, environment, feature, stratum)
        left join weekly using (service, environment, feature)
        left join spent using (service, environment, feature)
        left join rated using (output_id)
        left join lot using (output_id)
        where
            multiIf(
                chosen != '', has(splitByChar(',', chosen), environment),
                has_production or (select countIf(environment = 'production') from draws) > 0,
                environment = 'production',
                true
            )
            and (service, environment, feature) not in
            (
                select service, environment, feature
                from draws
                where day = closed_day
            )
    ),
    placed as
    (
        select
            *,
            row_number() over (partition by service, environment, feature order by key, output_id)
                as place,
            sumIf(own_rate, is_readable) over (partition by service, environment, feature)
                as keys_that_day
        from keyed
    ),
    judged as
    (
        select
            *,
            -- a new group has its 100 smallest keys sampled, whatever they are
            min(if(place = 101, key, 1.)) over (partition by service, environment, feature)
                as next_key,
            -- never more than three times the target a week: a threshold that would lead there is
            -- lowered for the rest of the week, before anything is sampled
            multiIf(
                not has_turn, 0.,
                is_new_group, next_key,
                least(
                    week_threshold,
                    greatest(3 * group_target - drawn_so_far, 0.)
                        / (week_start + 7 - closed_day) / keys_that_day
                )
            ) as day_threshold
        from placed
    )
select
    closed_day,
    service,
    environment,
    feature,
    model,
    release,
    stratum,
    weight / own_text_rate,
    weight_known,
    sum(weight),
    arrayMap(value -> toUInt64(countEqual(groupArray(counted_rating), value)), [-1, 1, 2, 3, 4, 5]),
    any(own_rate),
    any(day_threshold),
    arraySort(d -> d.2, groupArrayIf((output_id, key / day_threshold), key < day_threshold)),
    {run:String},
    {frozen_at:DateTime64(3, 'UTC')}
from judged
group by
    service, environment, feature, model, release, stratum, weight, weight_known, own_text_rate
