-- (time, content) Which of two results on the same thing holds: the later one, and of two at one time always the same.
toUInt64(bitOr(
    bitShiftLeft(toUInt64(greatest(toUnixTimestamp64Milli({{time}}), 0)), 20),
    bitAnd(cityHash64({{content}}), 1048575)
))
