-- (k, n, answers) How many independent answers k of n in buckets of users are worth to a Wilson interval.
arrayMap(
    (p, all_n, filled, squares_of_n) -> arrayMap(
        (variance, df) -> least(
            all_n,
            toFloat64({{answers}}),
            if(variance > 0 and p > 0 and p < 1, p * (1 - p) / variance, all_n)
        ) * {{student(df)}},
        [
            filled / (filled - 1)
                * arraySum((x, y) -> pow(x - p * y, 2), {{k}}, {{n}}) / (all_n * all_n)
        ],
        [greatest(1., least(filled - 1, all_n * all_n / squares_of_n - 1))]
    )[1],
    [arraySum({{k}}) / arraySum({{n}})],
    [toFloat64(arraySum({{n}}))],
    [toFloat64(arrayCount(y -> y > 0, {{n}}))],
    [toFloat64(arraySum(y -> y * y, {{n}}))]
)[1]
