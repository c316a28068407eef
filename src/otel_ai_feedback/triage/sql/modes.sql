-- What do readers say is wrong with the outputs behind an incident, the most frequent first?
select
    mode,
    count() as labels,
    any(read) as read
from
(
    select
        modes,
        count() over () as read
    from labels_at(as_of = {as_of:DateTime64(3, 'UTC')})
    where
        label in ('good', 'bad')
        and output_id in
        (
            select output_id
            from incident_outputs final
            where incident_id = {incident_id:String}
        )
)
array join arrayDistinct(modes) as mode
group by mode
order by labels desc, mode
limit 10
