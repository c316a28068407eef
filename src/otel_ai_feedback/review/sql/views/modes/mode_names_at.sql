-- Which name does a renamed or merged failure mode have now, as known at a given time?
--
-- The changes are replayed in order: a rename or merge takes along every name that had come to mean the
-- mode by then; defining a name again, or giving it to another mode, makes it a mode of its own again.
-- A name that no one ever changed has no row.
with
    (
        select groupArray((change, mode, into))
        from
        (
            select toString(change) as change, mode, into
            from mode_changes
            where
                change in ('define', 'rename', 'merge')
                and changed_at <= {as_of:DateTime64(3, 'UTC')}
            order by changed_at, change_id
        )
    ) as changes
select
    pair.1 as alias,
    pair.2 as mode
from
(
    select arrayJoin(arrayFold(
        (names, changed) -> arrayConcat(
            arrayMap(
                name -> (
                    name.1,
                    if(
                        name.2 = changed.2,
                        if(changed.1 = 'define', changed.2, changed.3),
                        name.2
                    )
                ),
                arrayFilter(
                    name -> name.1 != changed.2
                        and (changed.1 = 'define' or name.1 != changed.3),
                    names
                )
            ),
            if(
                changed.1 = 'define',
                [(changed.2, changed.2)],
                [(changed.2, changed.3), (changed.3, changed.3)]
            )
        ),
        changes,
        cast([], 'Array(Tuple(String, String))')
    )) as pair
)
