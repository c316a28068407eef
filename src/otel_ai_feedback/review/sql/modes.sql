-- Which failure modes have reviewers named in the last 90 days, the most frequent first?
select
    arrayJoin(modes) as mode,
    uniqExact(output_id) as named
from reviews final
where reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 90 day
group by mode
order by named desc, mode
limit 200
