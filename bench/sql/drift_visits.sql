-- Visits of the weeks: ten classes.
insert into visits
    (
        day, version, service, feature, last_class, subjects, outputs, outputs_squared, subjects_before,
        left_since
    )
select
    toMonday(today()) - 7 * number as day,
    1 as version,
    concat('service-', toString(grouped)) as service,
    'chat' as feature,
    concat('class-', toString(class_number)) as last_class,
    100 as subjects,
    300 as outputs,
    1200 as outputs_squared,
    100 as subjects_before,
    30 as left_since
from numbers(intDiv({days:UInt32}, 7))
array join range({groups:UInt32}) as grouped
array join range(10) as class_number
