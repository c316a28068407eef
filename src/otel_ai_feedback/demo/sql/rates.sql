-- How often did each signal show, over the whole window and all models?
select
    series,
    sum(k) as k,
    sum(n) as n
from signal_rates
where
    service = {service:String}
    and day >= toDate(toDateTime({start:Int64}, 'UTC')) - 1
    and day <= toDate(toDateTime({end:Int64}, 'UTC')) + 1
group by series
order by series
