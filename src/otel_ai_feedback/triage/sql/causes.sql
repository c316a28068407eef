-- What were incidents of the last year caused by, month by month?
select
    month,
    cause,
    sum(c.incidents) as incidents,
    sum(c.confirmed) as confirmed,
    sum(c.not_confirmed) as not_confirmed
from incident_causes as c
where month >= toStartOfMonth(today() - 365)
group by month, cause
order by month desc, incidents desc, cause
