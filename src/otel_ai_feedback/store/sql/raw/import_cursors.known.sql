-- Up to which time has an import read this source?
select cursor
from import_cursors final
where source = {source:String}
