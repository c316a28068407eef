-- Which pass over the facts came to its end?
insert into facts_passes
select {kind:String}, {began_at:DateTime64(6, 'UTC')}, now64(6, 'UTC'), {state:UInt64}
