-- What is the verdict on each sampled output of the weeks from a day on, and does it count?
--
-- A row for each sampled output of a week that began on the day `since` or later, reviewed or not. `cut` is
-- the smallest u of a closed week that is not yet disposed (`is_disposed`: 28 days after the week at
-- the latest), 1 where all is, and 0 in a week that is not closed. What lies below it `counts`, if it
-- has a label, and stands for weight / pi outputs, pi = min(1, cut * rate * threshold).
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today
select
    drawn.output_id as output_id,
    drawn.day as day,
    drawn.week as week,
    drawn.service as service,
    drawn.environment as environment,
    drawn.feature as feature,
    drawn.model as model,
    drawn.release as release,
    drawn.stratum as stratum,
    drawn.u as u,
    labels.reviewer as reviewer,
    labels.modes as modes,
    labels.decided_at as decided_at,
    labels.disposed_at as disposed_at,
    labels.label as label,
    ifNull(toDate(labels.disposed_at, zone) < drawn.week + 35, false) as is_disposed,
    if(
        drawn.week + 7 <= today,
        min(if(is_disposed, 1., drawn.u)) over (partition by drawn.week),
        0.
    ) as cut,
    label != '' and cut > 0 and (u < cut or cut = 1) as counts,
    if(counts, drawn.weight / least(1., cut * drawn.rate * drawn.threshold), 0.) as stands_for
from review_draw as drawn
left join labels_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = toDate(greatest(toInt32({since:Date}) - 1, 0))
) as labels
    on labels.output_id = drawn.output_id
where drawn.week >= {since:Date}
