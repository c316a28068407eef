-- What did people say of which outputs, and for how many does each stand?
--
-- One row per output that someone called good, bad, unsure or unreadable since a day. Of a sampled one it
-- is the label that counts; `weight` is how many outputs it counts for in the estimate, and 0 where it is
-- not in it: above the cut of its week, of a week that has not ended, or picked by hand (`drawn` is false).
with
    cuts as
    (
        select week, cut
        from review_progress_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
    names as
    (
        select alias, mode
        from mode_names_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
    words as
    (
        select
            output_id,
            reviewer,
            argMax(said.verdict, (reviewed_at, said.review_id)) as verdict,
            argMax(said.modes, (reviewed_at, said.review_id)) as modes,
            argMax(said.review_id, (reviewed_at, said.review_id)) as review_id,
            max(reviewed_at) as said_at
        from reviews as said final
        where
            reading in ('first', 'extra')
            and said.verdict in ('good', 'bad', 'unsure', 'unreadable')
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
        group by output_id, reviewer
    ),
    counted as
    (
        select output_id, reviewer
        from labels_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where label != '' and reviewer != ''
    ),
    chosen as
    (
        select
            words.*,
            counted.output_id != '' as is_counted
        from words
        left join counted
            on counted.output_id = words.output_id and counted.reviewer = words.reviewer
        order by is_counted desc, said_at desc
        limit 1 by words.output_id
    ),
    spans as
    (
        select
            concat(trace_id, '-', span_id) as output_id,
            service,
            environment,
            feature,
            model,
            release,
            day,
            trace_id,
            span_id,
            response_id,
            conversation_id,
            output_hash
        from output_facts final
        where
            present
            and trace_id in (select substring(output_id, 1, 32) from chosen)
    )
select
    chosen.output_id as output_id,
    chosen.verdict as verdict,
    arrayDistinct(arrayMap(
        name -> transform(
            name,
            (select groupArray(alias) from names),
            (select groupArray(mode) from names),
            name
        ),
        arrayMap(mode -> toString(mode), chosen.modes)
    )) as modes,
    toString(chosen.reviewer) as reviewer,
    chosen.said_at as reviewed_at,
    chosen.review_id as review_id,
    drawn.output_id != '' as drawn,
    toString(if(drawn, drawn.service, spans.service)) as service,
    toString(if(drawn, drawn.environment, spans.environment)) as environment,
    toString(if(drawn, drawn.feature, spans.feature)) as feature,
    toString(if(drawn, drawn.model, spans.model)) as model,
    toString(if(drawn, drawn.release, spans.release)) as release,
    if(drawn, drawn.day, spans.day) as day,
    toString(drawn.stratum) as class,
    drawn.inclusion_probability as inclusion_probability,
    if(
        is_counted and cuts.cut > 0 and (drawn.u < cuts.cut or cuts.cut = 1)
            and chosen.verdict in ('good', 'bad'),
        drawn.weight / least(1., cuts.cut * drawn.rate * drawn.threshold),
        0.
    ) as weight,
    substring(chosen.output_id, 1, 32) as trace_id,
    substring(chosen.output_id, 34) as span_id,
    spans.response_id as response_id,
    spans.conversation_id as conversation_id,
    spans.output_hash as output_hash
from chosen
left join review_draw as drawn on drawn.output_id = chosen.output_id
left join cuts on cuts.week = drawn.week
left join spans on spans.output_id = chosen.output_id
where chosen.said_at >= {since:Date}
