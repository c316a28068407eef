-- (seconds) A duration of whole seconds as `formats.duration` writes it.
multiIf(
    {{seconds}} < 60, concat(toString(round({{seconds}}, 1)), '\xE2\x80\xAFs'),
    {{seconds}} < 7200, concat(toString(toUInt64(round({{seconds}} / 60))), '\xE2\x80\xAFmin'),
    {{seconds}} < 172800, concat(toString(round({{seconds}} / 3600, 1)), '\xE2\x80\xAFh'),
    concat(toString(round({{seconds}} / 86400, 1)), '\xE2\x80\xAFdays')
)
