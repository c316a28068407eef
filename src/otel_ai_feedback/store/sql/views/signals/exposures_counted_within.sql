-- What could be seen of the answers of some days, as last counted?
--
-- The columns of `exposures_within`, of each day from its current computation, whenever it was made.
select * except (version, frozen)
from exposures
where
    day >= {since:Date}
    and day <= {until:Date}
    and (day, version) in
    (
        select day, version
        from rollup_days final
        where rollup = 'exposures'
    )
