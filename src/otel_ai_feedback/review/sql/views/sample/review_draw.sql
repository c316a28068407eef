-- Which outputs were sampled for review, with which probability, and in which order are they reviewed?
select
    item.1 as output_id,
    day,
    week,
    service,
    environment,
    feature,
    model,
    release,
    stratum,
    weight,
    rate,
    threshold,
    least(1, rate * threshold) as inclusion_probability,
    item.2 as u,
    frozen_at
from frozen_days
array join drawn as item
