-- What could be seen of the answers of some days, and which user actions were there?
insert into exposures
select
    day,
    {version:UInt64} as version,
    day <= {frozen_until:Date} as frozen,
    service,
    environment,
    feature,
    seen,
    hashed,
    thinned,
    done,
    done_in_turns,
    reported_in_turns
from exposures_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
