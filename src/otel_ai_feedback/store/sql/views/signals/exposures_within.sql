-- What could be seen of the answers of some days, and which user actions were there, by day and feature?
--
-- Over matured outputs with text; `thinned`, that traces were left out by sampling, over all.
with
    not failed as answer,
    answer and conversation_id != '' as turn,
    arrayFilter(name -> not has(derived, name), mapKeys(o.done)) as reported
select
    day,
    service,
    environment,
    feature,
    max(answer and o.seen) as seen,
    max(turn and input_hash != '') as hashed,
    max(weight) > 1 as thinned,
    groupUniqArrayArrayIf(mapKeys(o.done), answer) as done,
    groupUniqArrayArrayIf(mapKeys(o.done), turn) as done_in_turns,
    groupUniqArrayArrayIf(reported, turn) as reported_in_turns
from outputs_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
) as o
where matured
group by day, service, environment, feature
