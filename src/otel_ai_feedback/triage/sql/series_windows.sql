-- What was the rate of a series before a day, and after it, and on how many outputs?
--
-- n is the number of outputs of a simple sample that would be as precise (Kish 1965).
select
    day > {day:Date} as after,
    sum(k_weighted) / sum(n_weighted) as rate,
    sum(n_weighted) * sum(n_weighted) / sum(n_weighted * n_weighted / n_effective) as n
from signal_rates_within(since = {since:Date}, until = {until:Date})
where
    series = {name:String}
    and service = {service:String}
    and environment = {environment:String}
    and feature = {feature:String}
    and ({segment_kind:String} != 'model' or model = {segment:String})
    and ({segment_kind:String} != 'release' or release = {segment:String})
group by after
order by after
