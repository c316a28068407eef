-- What of each feature's traffic counts, what is counted apart and why, and how much of it is one user's?
--
-- What has a time that cannot be is on the day on which it arrived, and anywhere in the order of the table.
select
    service,
    environment,
    feature,
    sumIf(outputs, excluded = '') as answers,
    mapFilter((reason, number) -> reason != '', sumMap(map(excluded, outputs))) as apart,
    sum(actions) as actions_apart,
    uniqExactIf(subject, excluded = '' and subject != '') as users,
    maxIf(outputs, excluded = '' and subject != '') as of_one_user,
    sumIf(beyond, excluded = '') as beyond_limit
from
(
    select
        service,
        environment,
        feature,
        subject,
        toString(f.excluded) as excluded,
        count() as outputs,
        countIf('(other)' in (feature, model, release, prompt_version)) as beyond,
        0 as actions
    from output_facts as f final
    where
        (present or f.excluded != '')
        and f.excluded != 'implausible time'
        and output_day >= {since:Date} - 1
        and day >= {since:Date}
    group by service, environment, feature, subject, excluded
    union all
    select
        service,
        environment,
        feature,
        '' as subject,
        toString(f.excluded) as excluded,
        count() as outputs,
        0 as beyond,
        0 as actions
    from output_facts as f final
    where f.excluded = 'implausible time' and day >= {since:Date}
    group by service, environment, feature, excluded
    union all
    select
        service,
        environment,
        feature,
        '' as subject,
        'actions' as excluded,
        0 as outputs,
        0 as beyond,
        count() as actions
    from linked_actions final
    where not present and excluded != '' and day >= {since:Date}
    group by service, environment, feature
)
group by service, environment, feature
order by answers desc, service, environment, feature
limit 500
