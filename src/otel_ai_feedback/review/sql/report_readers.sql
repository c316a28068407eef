-- Who read how much in a week?
select
    toString(reviewer) as reviewer,
    countIf(verdict in ('good', 'bad', 'unsure', 'unreadable')) as readings,
    sum(least(ifNull(seconds, 0.), 600.)) / 60 as minutes
from reviews final
where
    verdict != 'erased'
    and toDate(reviewed_at, {{zone}})
        between {week:Date} and {week:Date} + 6
    and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
group by reviewer
having readings > 0
order by minutes desc, reviewer
