-- Which failure modes do reviewers name on which drawn outputs, as known and called at a given time?
--
-- A row per bad label and mode, by today's names; a bad label without a mode has the mode `unnamed`.
-- `counts` says that the label is one of a closed week, below its cut: those make shares. Each such
-- label stands for weight / pi outputs.
with
    cuts as
    (
        select week, cut
        from review_cuts_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
    named as
    (
        select
            drawn.day as day,
            drawn.week as week,
            drawn.service as service,
            drawn.environment as environment,
            drawn.feature as feature,
            drawn.stratum as stratum,
            drawn.output_id as output_id,
            labels.decided_at as decided_at,
            cuts.cut > 0 and (drawn.u < cuts.cut or cuts.cut = 1) as counts,
            if(counts, drawn.weight / least(1., cuts.cut * drawn.rate * drawn.threshold), 0.)
                as stands_for,
            toString(arrayJoin(
                if(empty(labels.modes), ['unnamed'], arrayDistinct(labels.modes))
            )) as alias
        from review_draw as drawn
        join labels_at(as_of = {as_of:DateTime64(3, 'UTC')}) as labels
            on labels.output_id = drawn.output_id
        left join cuts on cuts.week = drawn.week
        where labels.label = 'bad'
    )
select distinct
    day,
    week,
    service,
    environment,
    feature,
    stratum,
    output_id,
    decided_at,
    counts,
    stands_for,
    if(names.mode = '', named.alias, names.mode) as mode
from named
left join mode_names_at(as_of = {as_of:DateTime64(3, 'UTC')}) as names on names.alias = named.alias
