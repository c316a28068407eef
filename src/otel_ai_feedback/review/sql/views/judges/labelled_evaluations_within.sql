-- What are other tools' evaluations of reviewed outputs, for the weeks from a day on?
--
-- A row for each label that counts (good or bad, `stands_for` that many outputs) and each kind of result on
-- the output. Several results of one name are one: their mean.
select
    labels.week as week,
    labels.service as service,
    labels.environment as environment,
    labels.feature as feature,
    labels.stratum as stratum,
    labels.output_id as output_id,
    labels.stands_for as stands_for,
    labels.label = 'good' as is_good,
    said.carrier as carrier,
    said.kind as kind,
    said.name as name,
    said.evaluator as evaluator,
    said.mean_score as score,
    said.passes as passed,
    said.user_bucket as bucket
from drawn_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}) as labels
inner join
(
    select
        output_id,
        carrier,
        kind,
        name,
        evaluator,
        avg(e.score) as mean_score,
        if(isNull(avg(e.passed)), null, toNullable(toUInt8(avg(e.passed) >= .5))) as passes,
        any(e.bucket) as user_bucket
    from evaluations_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = toDate(greatest(toInt32({since:Date}) - 1, 0)), until = '2149-06-06'
    ) as e
    where output_id != ''
    group by output_id, carrier, kind, name, evaluator
) as said on said.output_id = labels.output_id
where labels.counts and labels.label in ('good', 'bad')
