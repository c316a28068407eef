-- Which models, releases, prompt versions and features of a choice can be compared, the newest first?
with
    known as
    (
        select
            toString(kind) as of_kind,
            toString(value) as arm,
            min(f.first_time) as since,
            sum(f.items) as answers
        from daily_attribute_counts as f
        where
            day >= {since:Date}
            and kind in ('model', 'release', 'prompt_version')
            and ({service:String} = '' or service = {service:String})
            and ({environment:String} = '' or environment = {environment:String})
            and ({feature:String} = '' or feature = {feature:String})
        group by of_kind, arm
        union all
        select
            'feature' as of_kind,
            toString(feature) as arm,
            min(f.first_time) as since,
            sum(f.items) as answers
        from daily_attribute_counts as f
        where
            day >= {since:Date}
            and kind = 'model'
            and {feature:String} = ''
            and ({service:String} = '' or service = {service:String})
            and ({environment:String} = '' or environment = {environment:String})
        group by of_kind, arm
    )
select
    of_kind as kind,
    arm,
    since,
    answers
from known
where arm != '' and answers >= 30
order by kind, since desc, arm
limit 20 by kind
