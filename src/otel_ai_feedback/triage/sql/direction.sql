-- In which direction did a series leave its level?
--
-- As of its newest step; of a series without one for 15 days nothing is known.
select if(argMax(s_down, day) >= argMax(s_up, day), 'fell', 'rose') as direction
from drift_within(
    as_of = {as_of:DateTime64(3, 'UTC')},
    since = toDate({as_of:DateTime64(3, 'UTC')}) - 14
)
where
    service = {service:String}
    and environment = {environment:String}
    and feature = {feature:String}
    and series = {series:String}
    and segment_kind = if({segment_kind:String} = '', 'all', {segment_kind:String})
    and segment = {segment:String}
having count() > 0
