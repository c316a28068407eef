-- The days that these hours add up to.
insert into signals_daily
    (
        day, version, service, feature, model, release, prompt_version, max_weight, outputs, failures,
        answers, seen_answers, turns, hashed_turns, copies, seen_copies, closes, seen_closes, accepts,
        seen_accepts, reasks, hashed_reasks, regenerations, hashed_regenerations
    )
select
    day,
    version,
    service,
    feature,
    model,
    release,
    prompt_version,
    1 as max_weight,
    sumForEach(h.outputs),
    sumForEach(h.failures),
    sumForEach(h.answers),
    sumForEach(h.seen_answers),
    sumForEach(h.turns),
    sumForEach(h.hashed_turns),
    sumForEach(h.copies),
    sumForEach(h.seen_copies),
    sumForEach(h.closes),
    sumForEach(h.seen_closes),
    sumForEach(h.accepts),
    sumForEach(h.seen_accepts),
    sumForEach(h.reasks),
    sumForEach(h.hashed_reasks),
    sumForEach(h.regenerations),
    sumForEach(h.hashed_regenerations)
from signals_frozen as h
group by day, version, service, feature, model, release, prompt_version
