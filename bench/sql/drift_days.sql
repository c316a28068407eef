-- The days that these hours add up to, their users as alike as can be.
insert into signal_counts
(
    day, version, frozen, hour, service, feature, model, release, prompt_version, signal, shown, answers, k, n
)
select
    day,
    version,
    frozen,
    toDateTime(0, 'UTC') as hour,
    service,
    feature,
    model,
    release,
    prompt_version,
    signal,
    sum(h.shown) as shown,
    sum(h.answers) as answers,
    arrayWithConstant(64, shown / 64) as k,
    arrayWithConstant(64, answers / 64) as n
from signal_counts as h
group by day, version, frozen, service, feature, model, release, prompt_version, signal
