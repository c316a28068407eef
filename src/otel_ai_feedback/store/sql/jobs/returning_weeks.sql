-- How many people of a closed week came back in the next?
insert into returning_weeks
select
    day,
    {version:UInt64} as version,
    service,
    environment,
    feature,
    model,
    release,
    k,
    n
from returning_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {day:Date}, until = {day:Date}
)
