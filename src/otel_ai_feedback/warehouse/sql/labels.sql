-- What is the verdict on the reviewed outputs of some days, for a warehouse?
--
-- Not who gave it, and no note: notes are text.
select
    day,
    output_id,
    review_id,
    verdict,
    modes,
    reviewed_at,
    drawn as sampled,
    if(drawn, class, null) as class,
    if(drawn, inclusion_probability, null) as inclusion_probability,
    weight,
    service,
    environment,
    feature,
    model,
    release
from reviewed_outputs_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
where day between {since:Date} and {until:Date}
