-- Which share of the reviewed answers of each arm was good, by bucket of users?
--
-- The row of `compare/counts` for quality, at the price of the answers that were reviewed.
with
    labels as
    (
        select
            output_id,
            label = 'good' as good,
            stands_for
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = least({since_a:Date}, {since:Date}) - 6
        )
        where counts and label in ('good', 'bad')
    )
select
    arm,
    part,
    'quality' as measured,
    toFloat64(count()) as answers,
    sumMap(map(bucket, good * stands_for)) as k,
    sumMap(map(bucket, stands_for)) as n
from
(
    select
        {{version_of(o, {by:String})}} as version,
        {{arm_of(o.day, version)}} as arm,
        if({by:String} = 'days' or o.day < {since:Date} + 7, 'first', 'later') as part,
        o.bucket as bucket,
        labels.good as good,
        labels.stands_for as stands_for
    from outputs_within(
        as_of = {as_of:DateTime64(3, 'UTC')},
        since = least({since_a:Date}, {since:Date}),
        until = greatest({until:Date}, {until_a:Date})
    ) as o
    any join labels on labels.output_id = o.output_id
    where
        o.matured
        and o.service = {service:String}
        and ({environment:String} = '' or o.environment = {environment:String})
        and ({feature:String} = '' or o.feature = {feature:String})
        and o.trace_id in (select substring(output_id, 1, 32) from labels)
        and arm != ''
)
group by arm, part
order by arm, part
