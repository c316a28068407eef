-- How many outputs showed each signal, each hour, as last computed?
--
-- The columns of `signals_within`, from the two rollups: of each day its current computation,
-- from `signals_frozen` once the day is older than a week, before that from `signals_recent`.
select
    day,
    hour,
    service,
    environment,
    feature,
    model,
    release,
    max_weight,
    outputs,
    failures,
    answers,
    seen_answers,
    turns,
    hashed_turns,
    copies,
    seen_copies,
    closes,
    seen_closes,
    edits,
    heavy_edits,
    seen_heavy_edits,
    accepts,
    seen_accepts,
    rejects,
    seen_rejects,
    ratings,
    seen_ratings,
    reasks,
    hashed_reasks,
    reported_reasks,
    regenerations,
    hashed_regenerations,
    reported_regenerations,
    class_failed,
    class_rejected,
    class_regenerated,
    class_reask,
    class_used_reask,
    class_closed_fast,
    class_used_edited,
    class_used,
    class_used_part,
    class_none,
    prompt_version
from signals_recent
where (day, version) in
(
    select day, version
    from rollup_days final
    where rollup = 'signals' and not frozen
)
union all
select
    day,
    hour,
    service,
    environment,
    feature,
    model,
    release,
    max_weight,
    outputs,
    failures,
    answers,
    seen_answers,
    turns,
    hashed_turns,
    copies,
    seen_copies,
    closes,
    seen_closes,
    edits,
    heavy_edits,
    seen_heavy_edits,
    accepts,
    seen_accepts,
    rejects,
    seen_rejects,
    ratings,
    seen_ratings,
    reasks,
    hashed_reasks,
    reported_reasks,
    regenerations,
    hashed_regenerations,
    reported_regenerations,
    class_failed,
    class_rejected,
    class_regenerated,
    class_reask,
    class_used_reask,
    class_closed_fast,
    class_used_edited,
    class_used,
    class_used_part,
    class_none,
    prompt_version
from signals_frozen
where (day, version) in
(
    select day, version
    from rollup_days final
    where rollup = 'signals' and frozen
)
