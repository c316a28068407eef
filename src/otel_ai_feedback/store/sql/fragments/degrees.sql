-- (n) Degrees of freedom of a variance over buckets of users: fewer where few of them have most of the answers.
greatest(1., least(
    arrayCount(bucket -> bucket > 0, {{n}}) - 1.,
    pow(arraySum({{n}}), 2) / arraySum(bucket -> bucket * bucket, {{n}}) - 1
))
