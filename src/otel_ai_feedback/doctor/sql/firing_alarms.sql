-- Which health checks fail, and what do they say?
select alarm, service, environment, feature, detail
from loop_health
where firing
order by alarm, service, environment, feature
