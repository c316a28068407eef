-- What is the review state of each sampled output, as known at a given time?
-- Now: What is the review state of each sampled output, now?
--
-- A row for its first review; where it is to be reviewed twice, another for the second, once the
-- first verdict is there. `state` is `disposed` when it is done, `leased` while a reviewer has it on
-- the screen, `skipped` until a day after the first skip, when it is disposed as unsure, `expired`
-- when it was not reviewed 28 days after its week closed, else `waiting`. Review in descending order of
-- week, closed weeks first, then in ascending order of u and id.
with
    {{zone}} as zone,
    toDate({as_of:DateTime64(3, 'UTC')}, zone) as today,
    said as
    (
        select
            output_id,
            reading,
            minIf(toNullable(reviewed_at), verdict != 'skipped') as decided_at,
            argMinIf(reviewer, (reviewed_at, review_id), verdict != 'skipped') as reader,
            minIf(toNullable(reviewed_at), verdict = 'skipped') + interval 1 day as given_up_at,
            groupArrayIf((reviewer, reviewed_at), verdict = 'skipped') as skips,
            max(verdict = 'erased') as is_erased
        from reviews final
        where
            reading in ('first', 'second')
            and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
        group by output_id, reading
    ),
    readings as
    (
        select review_draw.*, 'first' as reading
        from review_draw
        union all
        select review_draw.*, 'second' as reading
        from review_draw
        where output_id in (select output_id from second_readings)
    )
select
    readings.output_id as output_id,
    readings.reading as reading,
    day,
    week,
    service,
    environment,
    feature,
    stratum,
    u,
    week + 7 <= today as closed,
    multiIf(
        ifNull(least(said.decided_at, said.given_up_at) <= {as_of:DateTime64(3, 'UTC')}, false),
        'disposed',
        leased.leased_by != '', 'leased',
        week + 35 <= today, 'expired',
        notEmpty(said.skips), 'skipped',
        'waiting'
    ) as state,
    leased.leased_by as leased_by,
    if(leased.leased_by != '', toNullable(leased.leased_until), null) as leased_until,
    said.skips as skips,
    if(notEmpty(said.skips), said.given_up_at, null) as skipped_until,
    said.reader as reader,
    said.decided_at as decided_at,
    before.reader as first_reader,
    before.decided_at as first_decided_at
from readings
left join said
    on said.output_id = readings.output_id and said.reading = readings.reading
left join (select * from said where reading = 'first') as before
    on before.output_id = readings.output_id
left join review_leases_at(as_of = {as_of:DateTime64(3, 'UTC')}) as leased
    on leased.output_id = readings.output_id and leased.reading = readings.reading
where readings.reading = 'first' or (before.decided_at is not null and not before.is_erased)
