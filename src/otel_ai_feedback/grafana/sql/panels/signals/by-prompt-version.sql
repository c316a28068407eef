-- In which share of its outputs did the chosen signal show, by prompt version?
--
-- Over all matured outputs with text of the time range; under head sampling each counts as one.
with 1.959964 * 1.959964 as zz
select
    if(prompt_version = '', 'unnamed', prompt_version) as version,
    countIf(shown) / count() as rate,
    (2 * count() * rate + zz - sqrt(zz * (zz + 4 * count() * rate * (1 - rate))))
        / (2 * (count() + zz)) as low,
    (2 * count() * rate + zz + sqrt(zz * (zz + 4 * count() * rate * (1 - rate))))
        / (2 * (count() + zz)) as high,
    count() as n
from
(
    select
        prompt_version,
        multiIf(
            ${series:singlequote} = 'copied', copied_at is not null,
            ${series:singlequote} = 'accepted', accepted_at is not null,
            ${series:singlequote} = 'reasked', reasked_at is not null,
            ${series:singlequote} = 'regenerated', regenerated_at is not null,
            ${series:singlequote} = 'closed_fast', closed_fast_at is not null,
            ${series:singlequote} = 'edited_heavily', edited_heavily_at is not null,
            ${series:singlequote} = 'rejected', rejected_at is not null,
            ${series:singlequote} = 'rated', rated_at is not null,
            failed
        ) as shown
    from outputs_within(
        as_of = toTimeZone($__toTime_ms, 'UTC'),
        since = toDate(toTimeZone($__fromTime, 'UTC')),
        until = toDate(toTimeZone($__toTime, 'UTC')) + 1
    )
    where
        matured
        and (not failed or ${series:singlequote} = 'failed')
        and $__timeFilter(time)
        and $__conditionalAll(service in (${service:singlequote}), $service)
        and $__conditionalAll(environment in (${environment:singlequote}), $environment)
        and $__conditionalAll(feature in (${feature:singlequote}), $feature)
        and $__conditionalAll(model in (${model:singlequote}), $model)
        and $__conditionalAll(release in (${release:singlequote}), $release)
)
group by version
order by n desc
limit 100
