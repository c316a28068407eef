-- Since which moment may something have arrived that is not in the facts, and has anything?
--
-- What was written until a pass ended was settled by it, or by the pass that wrote it.
-- `state` is a hash of the parts of the tables that facts rest on: an insert adds one, and merging
-- leaves the numbers of their blocks as they are. 0 where other nodes have parts of their own.
-- `cut_short` is a pass that wrote how groups deliver, and did not come to its end.
select
    toDateTime(
        greatest(toUnixTimestamp(maxIf(p.began_at, has({kinds:Array(String)}, kind))), {overlap:UInt32})
        - {overlap:UInt32},
        'UTC'
    ) as arrived,
    -- what is inserted is seen a little later than it says
    toDateTime64(greatest(toUnixTimestamp(max(p.finished_at)), 10) - 10, 6, 'UTC') as written,
    (select max(written_at) from delivery_days) > max(p.finished_at) as cut_short,
    argMaxIf(p.state, p.began_at, has({kinds:Array(String)}, kind)) as known_state,
    (
        select count()
        from system.tables
        where
            database = currentDatabase()
            and name = 'output_state'
            and endsWith(engine, 'MergeTree')
    )
    *
    (
        select cityHash64(arraySort(groupArray((table, partition_id, newest, blocks))))
        from
        (
            select
                table,
                partition_id,
                max(max_block_number) as newest,
                sum(max_block_number - min_block_number + 1) as blocks
            from system.parts
            where
                database = currentDatabase()
                and active
                and table in ('output_state', 'request_state', 'action_state', 'late_links', 'evaluation_state')
            group by table, partition_id
        )
    ) as state,
    now64(6, 'UTC') as began_at,
    (select any(value) from settings final where name = 'exclude') as exclude
from facts_passes as p
