-- Which share of the questions, and of those with bad answers, is unlike any test question?
-- Now: Which share of the questions, and of those with bad answers, is unlike any test question, as known now?
-- Kept: when changed, 60 minutes
--
-- Over the last 28 closed days; a question is tested when the sketch of an imported prompt has a
-- similarity of .30 or more to it (docs/drift.md). n counts the outputs that were looked at, low and
-- high are the 95 % Wilson interval, under head sampling at the effective number (Kish 1965). `bad_share`
-- is the share among the outputs that were reviewed and found bad, each standing for weight / pi outputs.
with
    toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        {{zone}}
    ) as today,
    looked_at as
    (
        select
            service,
            environment,
            feature,
            sum(h.outputs[1]) as n,
            sumIf(h.outputs[1], bucket = 'no') as untested,
            sumIf(h.outputs[2], bucket = 'no') / sum(h.outputs[2]) as share,
            pow(sum(h.outputs[2]), 2) / sum(h.outputs[3]) as n_effective
        from histograms as h
        where
            dimension = 'tested'
            and day >= today - 28
            and day < today
            and (day, version) in
            (
                select day, version
                from rollup_days final
                where rollup = 'histograms'
            )
        group by service, environment, feature
    ),
    found_bad as
    (
        select
            service,
            environment,
            feature,
            output_id,
            substring(output_id, 1, 32) as trace_id,
            stands_for
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 50
        )
        where label = 'bad' and counts and day >= today - 42
    ),
    bad as
    (
        select
            service,
            environment,
            feature,
            count() as bad_labels,
            countIf(not near) as bad_untested,
            sumIf(stands_for, not near) / sum(stands_for) as bad_share,
            pow(sum(stands_for), 2) / sum(stands_for * stands_for) as n_bad
        from
        (
            select
                service,
                environment,
                feature,
                output_id,
                any(f.stands_for) as stands_for,
                max(
                    (256 * (1 - 2 * byteHammingDistance(question, prompt) / 256) - 1) / 255 >= 0.3
                ) as near
            from found_bad as f
            join
            (
                select
                    trace_id,
                    unhex(max(input_sketch)) as question
                from output_facts final
                where
                    output_day >= today - 43
                    and trace_id in (select trace_id from found_bad)
                    and length(input_sketch) = 256
                group by trace_id
            ) as asked using (trace_id)
            cross join
            (
                select distinct
                    service as prompt_service,
                    feature as prompt_feature,
                    unhex(sketch) as prompt
                from reference_prompts
                where (set_name, version) in
                (
                    select set_name, max(version)
                    from reference_prompts
                    group by set_name
                )
            ) as prompts
            where
                (prompt_service = '' or prompt_service = service)
                and (prompt_feature = '' or prompt_feature = feature)
            group by service, environment, feature, output_id
        )
        group by service, environment, feature
    )
select
    service,
    environment,
    feature,
    toUInt64(looked_at.n) as n,
    toUInt64(looked_at.untested) as untested,
    share,
    {{wilson_low(share, n_effective)}} as low,
    {{wilson_high(share, n_effective)}} as high,
    bad_labels,
    bad_untested,
    if(bad_labels = 0, null, bad.bad_share) as bad_share,
    if(
        bad_labels = 0,
        null,
        {{wilson_low(bad.bad_share, n_bad)}}
    ) as bad_low,
    if(
        bad_labels = 0,
        null,
        {{wilson_high(bad.bad_share, n_bad)}}
    ) as bad_high
from looked_at
left join bad using (service, environment, feature)
