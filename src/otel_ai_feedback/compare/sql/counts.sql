-- How many answers of each arm showed each signal, of how many that could have, by bucket of users?
--
-- An arm is a model, a release, a prompt version or name, a feature, the variant of a feature flag, or a
-- window of days (docs/compare.md). A row is a measure of an arm in a part of the time: `first` are the
-- first 7 days, `later` those after, `before` the 28 days before of the users who were in one arm only.
-- Which answers could have shown a signal follows the rules of `signal_rates`, over both arms together.
-- k and n are sums of weights, by bucket.
--
-- Beside signals: `quality` are labels, each for as many outputs as it stands for; `seconds` and `cost`
-- are per used answer; `first question` is the binary logarithm of the tokens of the first turn of a
-- conversation; `feature NAME` is the share of a feature.
with
    (
        select groupArray((toString(name), toString(evidence), toString(offered), toString(exposure)))
        from signal_list final
        where position > 0 and exposure != 'people'
    ) as listed,
    marks as
    (
        select
            trace_id,
            argMax(variant, at) as variant
        from
        (
            select
                TraceId as trace_id,
                Timestamp as at,
                coalesce(
                    nullIf(LogAttributes['feature_flag.result.variant'], ''),
                    LogAttributes['feature_flag.variant']
                ) as variant
            from otel_logs
            where
                EventName in ('feature_flag.evaluation', 'feature_flag')
                and LogAttributes['feature_flag.key'] = {flag:String}
                and Timestamp >= toDateTime({since:Date}) - interval 1 day
                and {by:String} = 'flag'
            union all
            select
                TraceId as trace_id,
                event.1 as at,
                coalesce(
                    nullIf(event.3['feature_flag.result.variant'], ''),
                    event.3['feature_flag.variant']
                ) as variant
            from otel_traces
            array join
                arrayZip(Events.Timestamp, Events.Name, Events.Attributes) as event
            where
                event.2 in ('feature_flag.evaluation', 'feature_flag')
                and event.3['feature_flag.key'] = {flag:String}
                and Timestamp >= toDateTime({since:Date}) - interval 1 day
                and {by:String} = 'flag'
        )
        group by trace_id
    ),
    -- what an answer costs is the cost of all calls for it; a span that came twice counts once
    traits as
    (
        select
            trace_id,
            sum(span_cost) as cost,
            max(span_tokens) as input_tokens
        from
        (
            select
                trace_id,
                span_id,
                max(cost) as span_cost,
                max(input_tokens) as span_tokens
            from span_traits
            where
                day >= least({since_a:Date}, {since:Date}) - 1
                and day <= greatest({until:Date}, {until_a:Date}) + 1
            group by trace_id, span_id
        )
        group by trace_id
    ),
    labels as
    (
        select
            output_id,
            label = 'good' as good,
            stands_for
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = least({since_a:Date}, {since:Date}) - 6
        )
        where counts and label in ('good', 'bad')
    ),
    answers as
    (
        select
            o.day as day,
            o.subject as subject,
            o.bucket as bucket,
            o.feature as feature,
            o.weight as weight,
            o.conversation_id as conversation_id,
            o.asked_at as asked_at,
            o.duration_seconds as seconds,
            traits.cost as cost,
            traits.input_tokens as input_tokens,
            labels.good as good,
            labels.stands_for as stands_for,
            if({by:String} = 'flag', marks.variant, {{version_of(o, {by:String})}}) as version,
            {{arm_of(o.day, version)}} as own_arm,
            o.failed as failed,
            o.seen as seen,
            {{is_use(o.done)}} as used,
            o.conversation_id != '' as turn,
            o.input_hash != '' as hashed,
            mapKeys(o.done) as names,
            o.derived as derived
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = if({by:String} = 'days', least({since_a:Date}, {since:Date}), {since:Date} - 28),
            until = greatest({until:Date}, {until_a:Date})
        ) as o
        left any join marks on marks.trace_id = o.trace_id
        left any join traits on traits.trace_id = o.trace_id
        left any join labels on labels.output_id = o.output_id
        where
            o.matured
            and o.service = {service:String}
            and ({environment:String} = '' or o.environment = {environment:String})
            and ({feature:String} = '' or o.feature = {feature:String})
    ),
    people as
    (
        select
            subject,
            uniqExact(own_arm) = 2 as in_both,
            if(in_both, '', any(own_arm)) as past_arm
        from answers
        where own_arm != '' and subject != ''
        group by subject
    ),
    placed as
    (
        select
            answers.*,
            people.in_both as in_both,
            multiIf(
                own_arm != '', own_arm,
                {by:String} != 'days' and day < {since:Date}, people.past_arm,
                ''
            ) as arm,
            multiIf(
                {by:String} = 'days', 'first',
                day < {since:Date}, 'before',
                day < {since:Date} + 7, 'first',
                'later'
            ) as part,
            turn and asked_at = min(asked_at) over (partition by conversation_id) as opening
        from answers
        left any join people on people.subject = answers.subject
    ),
    exposed as
    (
        select
            *,
            max(seen and not failed) over () as watched,
            max(weight) over () > 1 as thinned,
            max(turn and hashed) over () and not thinned as paired,
            groupUniqArrayArray(names) over () as done,
            groupUniqArrayArray(arrayFilter(name -> not has(derived, name), names)) over ()
                as reported,
            -- name, k, n, for how many answers it stands
            arrayJoin(arrayFilter(m -> m.3 > 0, arrayConcat(
                arrayMap(
                    signal -> (
                        signal.1,
                        toFloat64(if(
                            signal.4 = 'outputs',
                            failed,
                            has(names, signal.2)
                            and not (signal.4 = 'turns' and thinned and has(derived, signal.2))
                        )),
                        toFloat64(multiIf(
                            signal.4 = 'outputs', true,
                            failed, false,
                            signal.4 = 'answers', true,
                            signal.4 = 'turns',
                            turn and if(
                                paired, hashed, has(if(thinned, reported, done), signal.3)
                            ),
                            (seen or not watched)
                            and ((signal.4 = 'page' and watched) or has(done, signal.3))
                        )),
                        weight
                    ),
                    listed
                ),
                [
                    ('quality', good, stands_for > 0, stands_for),
                    -- also what answers that were not used took: that is what a used one costs
                    ('seconds', seconds, 1., weight),
                    ('cost', ifNull(cost, 0.), cost is not null, weight),
                    ('used with time', used, 1., weight),
                    ('used with cost', used, cost is not null, weight),
                    (
                        'first question',
                        log2(greatest(1, ifNull(input_tokens, 0))),
                        opening and input_tokens is not null,
                        weight
                    ),
                    (concat('feature ', feature), 1., 1., weight)
                ]
            ))) as measure
        from placed
        where arm != ''
    )
select
    arm,
    part,
    measure.1 as measured,
    toFloat64(count()) as answers,
    sumMap(map(bucket, measure.2 * measure.4)) as k,
    sumMap(map(bucket, measure.3 * measure.4)) as n,
    uniqExactIf(subject, subject != '') as users,
    uniqExactIf(subject, subject != '' and in_both) as users_in_both
from exposed
group by grouping sets ((arm, part, measured), (arm, measured))
order by arm, part, measured
