-- Which outputs of some days ended worst for their user?
select
    output_id,
    time,
    service,
    feature,
    model,
    class,
    output_length,
    duration_seconds
from outputs_within(as_of = now64(3, 'UTC'), since = {since:Date}, until = {until:Date})
where
    class != 'failed'
    and ({service:String} = '' or service = {service:String})
    and ({environment:String} = '' or environment = {environment:String})
    and ({feature:String} = '' or feature = {feature:String})
    and ({model:String} = '' or model = {model:String})
    and ({class:String} = '' or class = {class:String})
order by
    if({order:String} = 'newest', 0, indexOf(
        [
            'rejected', 'regenerated', 'reask', 'closed_fast', 'used_edited', 'used_reask', 'none',
            'used_part', 'used'
        ],
        class
    )),
    time desc,
    output_id
limit 100
