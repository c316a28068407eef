-- (exposures) How many answers of some days showed each signal, of how many that could have, by bucket of users.
with
    (
        select groupArray((toString(name), toString(evidence), toString(offered), toString(exposure)))
        from signal_list final
        where position > 0 and exposure != 'people'
    ) as listed,
    -- from the week that ends with a day follows what its answers could have shown
    week_of_features as
    (
        select
            day,
            service,
            environment,
            feature,
            max(e.seen) over week as watched,
            max(e.thinned) over week as thinned,
            max(e.hashed) over week and not thinned as paired,
            groupUniqArrayArray(e.done) over week as done,
            if(
                thinned,
                groupUniqArrayArray(e.reported_in_turns) over week,
                groupUniqArrayArray(e.done_in_turns) over week
            ) as done_in_turns
        from {{exposures}}(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32({since:Date}) - 7, 0)),
            until = {until:Date}
        ) as e
        window week as
        (
            partition by service, environment, feature
            order by day range between 7 preceding and current row
        )
    ),
    alike as
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
            bucket,
            weight,
            failed,
            seen,
            not failed and conversation_id != '' as turn,
            input_hash != '' as hashed,
            class,
            arraySort(mapKeys(o.done)) as names,
            arraySort(derived) as derived,
            count() as outputs
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
        ) as o
        where matured
        group by all
    ),
    -- each signal that an answer could have shown: its name, and how many times the answer showed it
    shown as
    (
        select
            alike.*,
            arrayJoin(arrayConcat(
                arrayMap(
                    signal -> (
                        signal.1,
                        if(
                            signal.4 = 'outputs',
                            failed,
                            has(names, signal.2)
                            and not (signal.4 = 'turns' and thinned and has(derived, signal.2))
                        )
                    ),
                    arrayFilter(
                        signal -> multiIf(
                            signal.4 = 'outputs', true,
                            failed, false,
                            signal.4 = 'answers', true,
                            signal.4 = 'turns',
                            turn and if(paired, hashed, has(week.done_in_turns, signal.3)),
                            (seen or not watched)
                            and ((signal.4 = 'page' and watched) or has(week.done, signal.3))
                        ),
                        listed
                    )
                ),
                [('(used)', class in {{outcomes_of_use}})],
                if(
                    failed,
                    [],
                    [
                        ('(seen)', toUInt8(seen)),
                        (
                            '(actions)',
                            toUInt8(seen + arrayCount(
                                name -> name != 'edited_heavily' and not has(derived, name), names
                            ))
                        )
                    ]
                )
            )) as signal_times
        from alike
        join week_of_features as week using (day, service, environment, feature)
    ),
    by_bucket as
    (
        select
            day,
            hour,
            service,
            environment,
            feature,
            model,
            release,
            prompt_version,
            signal_times.1 as signal,
            bucket,
            sum(s.outputs * signal_times.2) as shown,
            sum(s.outputs) as answers,
            sum(s.outputs * s.weight * signal_times.2) as k,
            sum(s.outputs * s.weight) as n
        from shown as s
        group by grouping sets
        (
            (day, service, environment, feature, model, release, prompt_version, signal, bucket),
            (day, hour, service, environment, feature, model, release, signal)
        )
    )
select
    day,
    hour,
    service,
    environment,
    feature,
    model,
    release,
    prompt_version,
    signal,
    sum(b.shown) as shown,
    sum(b.answers) as answers,
    groupArrayInsertAt(0.)(b.k, b.bucket) as k,
    groupArrayInsertAt(0.)(b.n, b.bucket) as n
from by_bucket as b
group by day, hour, service, environment, feature, model, release, prompt_version, signal
