-- Since which day has a series most likely changed, in the direction of its evidence? In a group of
-- rows of drift_within.
--
-- Of the days after that evidence was last zero: the one from which on the mean deviation, in its own
-- standard errors, is largest.
arrayReduce(
    'argMax',
    arrayMap(
        step -> step.1,
        arrayFilter(
            step -> step.1 > if(argMax(s_down >= s_up, day), maxIf(day, s_down = 0), maxIf(day, s_up = 0)),
            arraySort(groupArray((day, ifNull(z, 0))))
        ) as changed_steps
    ),
    arrayMap(
        place -> abs(arraySum(step -> step.2, arraySlice(changed_steps, place)))
            / sqrt(length(changed_steps) - place + 1),
        arrayEnumerate(changed_steps)
    )
)
