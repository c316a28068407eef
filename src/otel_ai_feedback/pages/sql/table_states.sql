-- In which state is each table: another one whenever its parts are others?
--
-- The name of a part is qualified: plain `name` would be the alias, which is the table's.
select table as name, sum(cityHash64(parts.name)) as state
from system.parts as parts
where database = currentDatabase() and active
group by table
