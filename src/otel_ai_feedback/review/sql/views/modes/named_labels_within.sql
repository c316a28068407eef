-- Which failure modes do reviewers name on which sampled outputs, as known and called at a given time?
--
-- Of weeks that began on the day `since` or later. A row per bad label and mode, by today's names; a bad
-- label without a mode has the mode `unnamed`. `counts` says that the label is one of a closed week,
-- below its cut: those make shares. Each such label stands for weight / pi outputs.
with
    named as
    (
        select
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
            toString(arrayJoin(if(empty(modes), ['unnamed'], arrayDistinct(modes)))) as alias
        from drawn_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
        where label = 'bad'
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
