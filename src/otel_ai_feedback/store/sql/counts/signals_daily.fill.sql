-- What did some days look like, by the hours of a computation?
insert into signals_daily
select
    day,
    version,
    service,
    environment,
    feature,
    model,
    release,
    max(h.max_weight) as max_weight,
    sumForEach(h.outputs) as outputs,
    sumForEach(h.failures) as failures,
    sumForEach(h.answers) as answers,
    sumForEach(h.seen_answers) as seen_answers,
    sumForEach(h.turns) as turns,
    sumForEach(h.hashed_turns) as hashed_turns,
    sumForEach(h.copies) as copies,
    sumForEach(h.seen_copies) as seen_copies,
    sumForEach(h.closes) as closes,
    sumForEach(h.seen_closes) as seen_closes,
    sumForEach(h.edits) as edits,
    sumForEach(h.heavy_edits) as heavy_edits,
    sumForEach(h.seen_heavy_edits) as seen_heavy_edits,
    sumForEach(h.accepts) as accepts,
    sumForEach(h.seen_accepts) as seen_accepts,
    sumForEach(h.rejects) as rejects,
    sumForEach(h.seen_rejects) as seen_rejects,
    sumForEach(h.ratings) as ratings,
    sumForEach(h.seen_ratings) as seen_ratings,
    sumForEach(h.reasks) as reasks,
    sumForEach(h.hashed_reasks) as hashed_reasks,
    sumForEach(h.reported_reasks) as reported_reasks,
    sumForEach(h.regenerations) as regenerations,
    sumForEach(h.hashed_regenerations) as hashed_regenerations,
    sumForEach(h.reported_regenerations) as reported_regenerations,
    sum(h.class_failed) as class_failed,
    sum(h.class_rejected) as class_rejected,
    sum(h.class_regenerated) as class_regenerated,
    sum(h.class_reask) as class_reask,
    sum(h.class_used_reask) as class_used_reask,
    sum(h.class_closed_fast) as class_closed_fast,
    sum(h.class_used_edited) as class_used_edited,
    sum(h.class_used) as class_used,
    sum(h.class_used_part) as class_used_part,
    sum(h.class_none) as class_none,
    prompt_version
from signals_frozen as h
where
    day >= {since:Date}
    and day <= {until:Date}
    and version = {version:UInt64}
group by day, version, service, environment, feature, model, release, prompt_version
