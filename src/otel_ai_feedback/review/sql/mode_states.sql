-- Which failure modes does each group have, and the details of each?
select
    service,
    environment,
    feature,
    mode,
    states.labels as labels,
    state,
    is_new,
    is_recurring,
    states.first_seen as first_seen,
    states.last_seen as last_seen,
    modes.share as share,
    modes.low as low,
    modes.high as high
from failure_mode_states as states
left join
(
    -- a mode that was named too rarely for a share has none
    select
        service,
        environment,
        feature,
        mode,
        toNullable(share) as share,
        toNullable(low) as low,
        toNullable(high) as high
    from failure_modes
) as modes using (service, environment, feature, mode)
order by service, environment, feature, share desc, labels desc, mode
