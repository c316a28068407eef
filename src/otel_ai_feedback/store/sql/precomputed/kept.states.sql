-- In which state is the data of each table: another one whenever rows have come or days have gone?
select
    replaceRegexpOne(table, '_local$', '') as name,
    cityHash64(arraySort(groupArray((partition_id, newest)))) as state
from
(
    select table, partition_id, max(max_block_number) as newest
    from system.parts
    where database = currentDatabase() and active
    group by table, partition_id
)
group by name
