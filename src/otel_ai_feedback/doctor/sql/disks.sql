-- How much room have the disks of the server?
select name, path, free_space, total_space
from system.disks
where total_space > 0
