-- What are other tools' evaluations of outputs on some days, as known at a given time?
--
-- `since` and `until` are days of the results. One row is one result, once however often it was delivered.
-- `kind` is who says so: a user, a reviewer elsewhere, a judge (a model or code), or what people did
-- (behavior). `passed` is the result as good or not: by its label where that is a word for either, else by
-- its score and the threshold of its name; empty where neither says. `output_id` is empty while it is not linked.
with
    lower(e.label) as word,
    multiIf(
        word in ('pass', 'passed', 'good', 'correct', 'positive', 'up', 'thumbs_up', 'thumbs-up', 'accept', 'accepted',
            'factual', 'relevant', 'helpful', 'safe', 'grounded', 'faithful'), 1,
        word in ('fail', 'failed', 'bad', 'incorrect', 'negative', 'down', 'thumbs_down', 'thumbs-down', 'reject',
            'rejected', 'hallucinated', 'irrelevant', 'unhelpful', 'unsafe', 'toxic', 'ungrounded', 'unfaithful'), 0,
        null
    ) as by_word,
    multiIf(word in ('yes', 'true'), 1., word in ('no', 'false'), 0., e.score) as value
select
    e.evaluation_id as evaluation_id,
    e.time as time,
    e.day as day,
    e.carrier as carrier,
    e.scope as scope,
    -- a person who judged is a user where the name says that users do
    multiIf(
        e.kind = 'reviewer' and listed.kind = 'user', 'user',
        e.kind != '', toString(e.kind),
        listed.kind != '', toString(listed.kind),
        'judge'
    ) as kind,
    e.name as name,
    e.evaluator as evaluator,
    if(listed.kind = '', 'high', toString(listed.good)) as good,
    value as score,
    e.label as label,
    multiIf(
        by_word is not null, toNullable(toUInt8(by_word)),
        value is null, null,
        good = 'low', toUInt8(value < if(listed.kind = '', .5, listed.threshold)),
        toUInt8(value >= if(listed.kind = '', .5, listed.threshold))
    ) as passed,
    e.output_id as output_id,
    e.link_method as link_method,
    e.output_day as output_day,
    e.bucket as bucket,
    e.service as service,
    e.environment as environment,
    e.feature as feature
from evaluation_facts as e final
left join
(
    select name, kind, good, threshold
    from evaluator_list final
    where listed
) as listed on listed.name = lower(replaceAll(replaceAll(e.name, '-', '_'), ' ', '_'))
where
    e.day >= {since:Date}
    and e.day <= {until:Date}
    and e.time <= {as_of:DateTime64(3, 'UTC')}
