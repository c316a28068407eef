-- How often did each signal show, over the whole window and all models?
select
    series,
    sum(k) as k,
    sum(n) as n
from signal_rates_within(
    since = toDate(toDateTime({start:Int64}, 'UTC')) - 1,
    until = toDate(toDateTime({end:Int64}, 'UTC')) + 1
)
where service = {service:String}
group by series
order by series
