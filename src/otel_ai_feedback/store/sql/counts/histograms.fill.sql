-- How were the outputs of some days spread, each day for itself, by length, tokens, seconds and cost?
--
-- Lengths, tokens, seconds and cost in steps of half an octave, named by their lower end. What is not
-- recorded of an output counts in no bucket. Whether a question is near a tested one is looked up for
-- at most 500 outputs of a group and day, chosen by a hash of the output's id.
insert into histograms
with
    delivered as
    (
        select
            day as of_day,
            output_id,
            trace_id,
            span_id,
            service,
            environment,
            feature,
            weight,
            class,
            failed,
            output_length,
            duration_seconds,
            input_sketch
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
        )
        where matured
    ),
    -- of each day, the details of the spans of two days around it
    spans as
    (
        select
            of_day,
            trace_id,
            span_id,
            max(t.input_tokens) as input_tokens,
            max(t.output_tokens) as output_tokens,
            max(t.cost) as cost,
            max(t.finish_reason) as finish_reason,
            max(t.tool) as tool,
            max(t.source) as source
        from span_traits as t
        array join arrayMap(
            number -> toDate(number),
            range(
                greatest(toInt32(t.day) - 2, toInt32({since:Date})),
                least(toInt32(t.day) + 2, toInt32({until:Date})) + 1
            )
        ) as of_day
        where
            t.day >= toDate(greatest(toInt32({since:Date}) - 2, 0))
            and t.day <= toDate(least(toInt32({until:Date}) + 2, 65535))
        group by of_day, trace_id, span_id
    ),
    -- an agent's span often lacks what the model call inside it carries; what an answer costs is the
    -- cost of all calls for it
    traces as
    (
        select
            of_day,
            trace_id,
            max(s.input_tokens) as most_input_tokens,
            max(s.output_tokens) as most_output_tokens,
            sum(s.cost) as whole_cost,
            argMax(s.finish_reason, s.finish_reason not in ('', 'tool_calls')) as any_finish_reason,
            max(s.tool) as used_tool,
            max(s.source) as found_in,
            true as traced
        from spans as s
        group by of_day, trace_id
    ),
    tested as
    (
        select
            output_id,
            max(
                (256 * (1 - 2 * byteHammingDistance(question, prompt) / 256) - 1) / 255 >= 0.3
            ) as near
        from
        (
            select
                of_day,
                output_id,
                service,
                feature,
                unhex(input_sketch) as question
            from delivered
            where length(input_sketch) = 256
            order by sipHash64(output_id)
            limit 500 by of_day, service, environment, feature
        ) as asked
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
        group by output_id
    ),
    described as
    (
        select
            d.of_day as of_day,
            d.service as service,
            d.environment as environment,
            d.feature as feature,
            d.weight as weight,
            coalesce(own.input_tokens, most_input_tokens) as input_tokens,
            coalesce(own.output_tokens, most_output_tokens) as output_tokens,
            coalesce(nullIf(toString(own.finish_reason), ''), toString(any_finish_reason)) as reason,
            [
                ('input', 'question', if(input_sketch = '', '', substring(input_sketch, 1, 1))),
                ('input', 'input_tokens', if(
                    ifNull(input_tokens, 0) = 0, '',
                    toString(round(exp2(floor(2 * log2(assumeNotNull(input_tokens))) / 2)))
                )),
                ('input', 'source', if(found_in = 0, '', toString(found_in))),
                ('input', 'tested', multiIf(
                    tested.output_id = '', '',
                    tested.near, 'yes',
                    'no'
                )),
                ('output', 'length', if(
                    ifNull(output_length, 0) = 0, '',
                    toString(round(exp2(floor(2 * log2(assumeNotNull(output_length))) / 2)))
                )),
                ('output', 'output_tokens', if(
                    ifNull(output_tokens, 0) = 0, '',
                    toString(round(exp2(floor(2 * log2(assumeNotNull(output_tokens))) / 2)))
                )),
                ('output', 'seconds', if(
                    duration_seconds <= 0, '',
                    toString(round(exp2(floor(2 * log2(duration_seconds)) / 2), 3))
                )),
                ('output', 'cost', if(
                    ifNull(whole_cost, 0) <= 0, '',
                    toString(round(exp2(floor(2 * log2(assumeNotNull(whole_cost))) / 2), 7))
                )),
                ('output', 'finish_reason', reason),
                ('output', 'refusal', multiIf(
                    reason = '', '',
                    reason in (
                        'refusal', 'content_filter', 'content-filter', 'safety', 'blocklist',
                        'prohibited_content', 'guardrail_intervened', 'recitation', 'spii'
                    ), 'yes',
                    'no'
                )),
                ('output', 'tool_use', multiIf(not traced, '', used_tool, 'yes', 'no')),
                ('signal', 'class', class)
            ] as traits
        from delivered as d
        left any join spans as own using (of_day, trace_id, span_id)
        left any join traces using (of_day, trace_id)
        left any join tested using (output_id)
    )
select
    of_day as day,
    {version:UInt64} as version,
    service,
    environment,
    feature,
    trait.1 as kind,
    trait.2 as dimension,
    trait.3 as bucket,
    [toFloat64(count()), sum(weight), sum(weight * weight)] as outputs
from described
array join traits as trait
where bucket != ''
group by of_day, service, environment, feature, kind, dimension, bucket
