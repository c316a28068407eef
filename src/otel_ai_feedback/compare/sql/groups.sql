-- Which features of which services have had answers since a day, the busiest first?
select
    toString(f.service) as service,
    toString(f.environment) as environment,
    toString(f.feature) as feature
from daily_attribute_counts as f
where day >= {since:Date} and kind = 'model'
group by service, environment, feature
order by sum(f.items) desc, service, environment, feature
