-- In which direction did a series leave its level?
select if(argMax(s_down, day) >= argMax(s_up, day), 'fell', 'rose') as direction
from drift_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    service = {service:String}
    and environment = {environment:String}
    and feature = {feature:String}
    and series = {series:String}
    and segment_kind = if({segment_kind:String} = '', 'all', {segment_kind:String})
    and segment = {segment:String}
having count() > 0
