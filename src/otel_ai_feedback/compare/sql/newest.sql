-- Which model, release and prompt version of each feature is the newest, and which one came before it?
select
    service,
    environment,
    feature,
    of_kind as kind,
    versions[2].2 as a,
    versions[1].2 as b
from
(
    select
        service,
        environment,
        feature,
        of_kind,
        arrayReverseSort(groupArray((since, version))) as versions
    from
    (
        select
            toString(f.service) as service,
            toString(f.environment) as environment,
            toString(f.feature) as feature,
            toString(kind) as of_kind,
            toString(value) as version,
            min(f.first_time) as since
        from daily_attribute_counts as f
        where
            day >= {since:Date}
            and kind in ('model', 'release', 'prompt_version')
            and ({service:String} = '' or f.service = {service:String})
            and ({environment:String} = '' or f.environment = {environment:String})
            and ({feature:String} = '' or f.feature = {feature:String})
        group by service, environment, feature, of_kind, version
        -- what has no answers on the days that are compared cannot be compared
        having version != '' and sumIf(f.items, day between {first:Date} and {last:Date}) >= 30
    )
    group by service, environment, feature, of_kind
)
where length(versions) > 1
order by versions[1].1 desc, service, environment, feature, kind
limit 30
