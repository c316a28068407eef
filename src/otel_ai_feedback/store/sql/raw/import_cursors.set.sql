-- An import has read a source up to some time.
insert into import_cursors
select {source:String}, {cursor:DateTime64(3, 'UTC')}, now64(3, 'UTC')
