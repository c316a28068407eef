-- (rate) From which difference of a rate on does it matter? By setting, points or a part of the rate.
greatest(
    (select if(any(value) = '', .01, toFloat64(splitByChar(',', any(value))[1])) from settings final where name = 'effect_floor'),
    (select if(any(value) = '', .1, toFloat64(splitByChar(',', any(value))[2])) from settings final where name = 'effect_floor')
        * least({{rate}}, 1 - {{rate}})
)
