-- The user actions on an output, and when: half of the text copied is use, a page closed that was less than half read.
mapFilter(
    (name, _) -> name != '',
    map(
        multiIf(
            action = 'copy', if(ifNull(value, 1) >= 0.5, 'copied', 'copied_part'),
            action = 'close', if(ifNull(value, 0) < 0.5, 'closed', ''),
            transform(
                action,
                [
                    'dwell', 'edit', 'accept', 'insert', 'share', 'reject', 'undo', 'reask',
                    'regenerate', 'rating', 'escalate'
                ],
                [
                    '', 'edited', 'accepted', 'inserted', 'shared', 'rejected', 'rejected',
                    'reasked', 'regenerated', 'rated', 'escalated'
                ],
                action
            )
        ),
        at
    )
)
