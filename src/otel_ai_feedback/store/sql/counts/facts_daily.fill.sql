-- Which facts were true of the outputs and actions of some days?
insert into facts_daily
select
    day,
    {version:UInt64} as version,
    day <= {frozen_until:Date} as frozen,
    service,
    environment,
    feature,
    kind,
    value,
    first_time,
    items,
    total_weight,
    min_weight,
    max_weight
from daily_attribute_counts_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
