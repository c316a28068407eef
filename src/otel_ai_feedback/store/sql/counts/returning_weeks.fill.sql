-- How many people of the closed weeks before some weeks came back in these?
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
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
