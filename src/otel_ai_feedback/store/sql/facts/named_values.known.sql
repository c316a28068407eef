-- Which values have a name of their own in some weeks?
select distinct
    week,
    kind,
    service,
    environment,
    feature,
    value
from named_values
where week in {weeks:Array(Date)}
