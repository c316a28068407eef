-- On how many sampled outputs of each week do reviewers name which failure modes together, counted again?
--
-- Of weeks that began on the day `since` or later. A row per set of modes of one label, as
-- reviewers called them: an output has one label, so that rows can be added up by whatever the modes are
-- called later. Good outputs have no modes; a bad one without a mode has `unnamed`.
select
    week,
    service,
    environment,
    feature,
    multiIf(
        label = 'good', [],
        empty(modes), ['unnamed'],
        arraySort(arrayDistinct(arrayMap(mode -> toString(mode), modes)))
    ) as named,
    count() as labels,
    min(day) as first_seen,
    max(day) as last_seen
from drawn_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
where label in ('good', 'bad')
group by week, service, environment, feature, named
