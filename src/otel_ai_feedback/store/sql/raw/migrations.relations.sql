-- Which tables and views are there, and what do their comments say?
select name, comment
from system.tables
where database = currentDatabase()
