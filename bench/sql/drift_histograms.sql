-- Histograms of these days: ten dimensions of twelve buckets, and what is near a tested question.
insert into histograms (day, version, service, feature, kind, dimension, bucket, outputs)
select
    today() - number as day,
    1 as version,
    concat('service-', toString(grouped)) as service,
    'chat' as feature,
    'output' as kind,
    if(dimension_number = 0, 'tested', concat('dimension-', toString(dimension_number))) as dimension,
    if(dimension_number = 0, ['yes', 'no'][1 + bucket_number % 2], toString(bucket_number)) as bucket,
    arrayMap(i -> 100 + cityHash64(day, service, dimension, bucket) % 20, range(3)) as outputs
from numbers({days:UInt32})
array join range({groups:UInt32}) as grouped
array join range(11) as dimension_number
array join range(12) as bucket_number
