-- How many users of the closed weeks before some weeks came back in these?
insert into signal_counts
select
    day,
    {version:UInt64} as version,
    true as frozen,
    hour,
    service,
    environment,
    feature,
    model,
    release,
    prompt_version,
    signal,
    shown,
    answers,
    k,
    n
from returning_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
