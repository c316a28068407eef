-- How many answers of some days showed each signal, now that it is known what they could have shown?
insert into signal_counts
select
    day,
    {version:UInt64} as version,
    day <= {frozen_until:Date} as frozen,
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
from
(
    {{counts_of(exposures_counted_within)}}
)
