-- What do other tools say of outputs on some days, for a warehouse?
select
    day,
    evaluation_id,
    time,
    output_id,
    carrier,
    scope,
    kind,
    name,
    evaluator,
    good,
    score,
    label,
    passed,
    link_method,
    service,
    environment,
    feature,
    bucket
from evaluations_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
)
