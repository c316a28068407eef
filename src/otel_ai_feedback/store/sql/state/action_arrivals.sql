-- When did an action of an hour last arrive? An action without a link says nothing of an output, so
-- that the days which have to be recounted do not follow from outputs alone.
create table if not exists action_arrivals
(
    hour DateTime('UTC'),
    arrived SimpleAggregateFunction(max, DateTime('UTC'))
)
engine = AggregatingMergeTree
order by hour
