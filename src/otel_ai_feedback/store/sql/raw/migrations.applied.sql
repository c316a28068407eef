-- Which migrations were applied, and which text had they?
select name, max(checksum) as checksum
from migrations
group by name
order by name
