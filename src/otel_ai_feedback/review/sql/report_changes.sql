-- What changed in a week: what was put in use, and which signals left their level?
select
    service,
    environment,
    feature,
    toDate(time) as day,
    'change' as kind,
    text as what
from annotations_at(as_of = {as_of:DateTime64(3, 'UTC')})
where toDate(time) between {week:Date} and {week:Date} + 6
union all
select
    service,
    environment,
    feature,
    min(drifting.day) as day,
    'alarm' as kind,
    concat(
        series,
        if(any(segment) = '', '', concat(' of ', any(segment_kind), ' ', any(segment))),
        ' ', argMin(direction, drifting.day), ': ',
        toString(round(100 * argMin(rate, drifting.day), 1)), ' %, expected ',
        toString(round(100 * argMin(expected, drifting.day), 1)), ' %'
    ) as what
from drift_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {week:Date}) as drifting
where alarm and drifting.day between {week:Date} and {week:Date} + 6
group by service, environment, feature, segment_kind, segment, series
order by service, environment, feature, day, kind, what
