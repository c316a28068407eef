-- How many answers of each arm showed each signal, of how many that could have, by bucket of users?
--
-- An arm is a model, a release, a prompt version, a feature or the variant of a feature flag, or a window
-- of days (docs/compare.md). A row is a signal of an arm in a part of the time: `first` are the first 7
-- days, `later` those after, `before` the 28 days before of the users who were in one arm only. Which
-- answers could have shown a signal follows the rules of `signal_rates`, over both arms together. k and n
-- are sums of weights, by bucket; `seconds` is how long the answers took. A signal `feature NAME` counts
-- the answers of a feature; a row without a part is the whole time.
with
    flags as
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
    answers as
    (
        select
            o.day as day,
            o.subject as subject,
            o.bucket as bucket,
            o.feature as feature,
            o.weight as weight,
            o.duration_seconds as seconds,
            multiIf(
                {by:String} = 'flag', flags.variant,
                {by:String} = 'model', toString(o.model),
                {by:String} = 'release', toString(o.release),
                {by:String} = 'prompt_version', toString(o.prompt_version),
                {by:String} = 'feature', toString(o.feature),
                ''
            ) as version,
            multiIf(
                {by:String} = 'days' and o.day between {since_a:Date} and {until_a:Date}, 'a',
                {by:String} = 'days' and o.day between {since:Date} and {until:Date}, 'b',
                {by:String} = 'days' or o.day < {since:Date}, '',
                version = {a:String}, 'a',
                version = {b:String}, 'b',
                ''
            ) as own_arm,
            o.failed as failed,
            o.seen as seen,
            hasAny(mapKeys(o.done), ['copied', 'edited', 'accepted', 'inserted', 'shared']) as used,
            o.conversation_id != '' as turn,
            o.input_hash != '' as hashed,
            mapContains(o.done, 'copied') as copied,
            mapContains(o.done, 'closed_fast') as closed_fast,
            mapContains(o.done, 'edited') as edited,
            mapContains(o.done, 'edited_heavily') as edited_heavily,
            mapContains(o.done, 'accepted') as accepted,
            mapContains(o.done, 'rejected') as rejected,
            mapContains(o.done, 'rated') as rated,
            mapContains(o.done, 'reasked') as reasked,
            has(o.derived, 'reasked') as reask_derived,
            mapContains(o.done, 'regenerated') as regenerated,
            has(o.derived, 'regenerated') as regenerate_derived
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = if({by:String} = 'days', least({since_a:Date}, {since:Date}), {since:Date} - 28),
            until = greatest({until:Date}, {until_a:Date})
        ) as o
        left any join flags on flags.trace_id = o.trace_id
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
            ) as part
        from answers
        left any join people on people.subject = answers.subject
        where arm != ''
    ),
    exposed as
    (
        select
            *,
            max(seen and not failed) over () as watched,
            max(weight) over () > 1 as thinned,
            max(turn and hashed) over () and not thinned as paired,
            not failed and (not watched or seen) as shown,
            not failed and turn and (not paired or hashed) as in_turn,
            arrayJoin([
                ('failed', failed, true),
                ('copied', copied, shown and (watched or max(copied) over ())),
                ('closed_fast', closed_fast, shown and (watched or max(closed_fast) over ())),
                ('edited_heavily', edited_heavily, shown and max(edited) over ()),
                ('accepted', accepted, shown and max(accepted) over ()),
                ('rejected', rejected, shown and max(rejected) over ()),
                ('rated', rated, shown and max(rated) over ()),
                (
                    'reasked',
                    reasked and not (thinned and reask_derived),
                    in_turn and (paired or max(reasked) over ())
                ),
                (
                    'regenerated',
                    regenerated and not (thinned and regenerate_derived),
                    in_turn and (paired or max(regenerated) over ())
                ),
                ('used', used, not failed),
                (concat('feature ', feature), true, true)
            ]) as shown_signal
        from placed
    )
select
    arm,
    part,
    shown_signal.1 as signal,
    count() as answers,
    sumMap(map(bucket, if(shown_signal.2, weight, 0.))) as k,
    sumMap(map(bucket, toFloat64(weight))) as n,
    sumMap(map(bucket, weight * seconds)) as seconds,
    uniqExactIf(subject, subject != '') as users,
    uniqExactIf(subject, subject != '' and in_both) as users_in_both
from exposed
where shown_signal.3
group by grouping sets ((arm, part, signal), (arm, signal))
order by arm, part, signal
