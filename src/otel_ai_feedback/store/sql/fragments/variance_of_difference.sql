-- (k, n, other_k, other_n) Variance of the difference of two shares if they are equal, in buckets of users who may be on both sides.
arrayMap(
    (buckets, share, total, other_total) ->
        arrayCount(bucket -> bucket.2 + bucket.4 > 0, buckets)
            / (arrayCount(bucket -> bucket.2 + bucket.4 > 0, buckets) - 1)
            * arraySum(
                bucket -> pow(
                    (bucket.1 - share * bucket.2) / total - (bucket.3 - share * bucket.4) / other_total,
                    2
                ),
                buckets
            ),
    [arrayZip(
        arrayResize({{k}}, 64), arrayResize({{n}}, 64),
        arrayResize({{other_k}}, 64), arrayResize({{other_n}}, 64)
    )],
    [
        (arraySum({{k}}) + arraySum({{other_k}})) / (arraySum({{n}}) + arraySum({{other_n}}))
    ],
    [arraySum({{n}})],
    [arraySum({{other_n}})]
)[1]
