-- Which failure modes are most frequent in each group, and where can one look at three of each?
select
    modes.service as service,
    modes.environment as environment,
    modes.feature as feature,
    modes.mode as mode,
    modes.labels as labels,
    modes.share as share,
    modes.low as low,
    modes.high as high,
    states.is_new as is_new,
    states.is_recurring as is_recurring,
    examples.output_ids as output_ids
from failure_modes_at(as_of = {as_of:DateTime64(3, 'UTC')}) as modes
join failure_mode_states_at(as_of = {as_of:DateTime64(3, 'UTC')}) as states using (service, environment, feature, mode)
join
(
    select service, environment, feature, mode,
        arraySlice(arrayMap(e -> e.2, arrayReverseSort(groupArray((decided_at, output_id)))), 1, 3)
            as output_ids
    from named_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
    group by service, environment, feature, mode
) as examples using (service, environment, feature, mode)
order by service, environment, feature, share desc, mode
limit 5 by service, environment, feature
