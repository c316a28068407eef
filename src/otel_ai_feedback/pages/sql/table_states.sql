-- In which state is each table: another one whenever its parts are others?
select table as name, sum(cityHash64(name)) as state
from system.parts
where database = currentDatabase() and active
group by table
