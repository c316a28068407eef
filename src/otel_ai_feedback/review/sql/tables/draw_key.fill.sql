-- The secret of the sample, unless there is one.
insert into draw_key
select {k0:UInt64}, {k1:UInt64}, now64(3, 'UTC')
where (select count() from draw_key) = 0
