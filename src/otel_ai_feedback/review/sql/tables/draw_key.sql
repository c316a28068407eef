-- The secret that decides which outputs are sampled. Only the writer's role reads this table: who knew
-- the key could tell beforehand which outputs will be read. The earliest row counts.
create table if not exists draw_key
(
    k0 UInt64,
    k1 UInt64,
    made_at DateTime64(3, 'UTC')
)
engine = MergeTree
order by made_at
