-- (name, score, label) Why a result of another tool is none; empty where it is one. Free text is neither name nor label.
multiIf(
    not match({{name}}, '^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63}$'), 'name',
    {{score}} != '' and not ifNull(abs(toFloat64OrNull({{score}})) <= 1e6, false), 'score',
    {{label}} != '' and (
        lengthUTF8({{label}}) > 32 or not match({{label}}, '^[\\p{L}\\p{N}]+([ _.+-][\\p{L}\\p{N}]+){0,3}$')
    ), 'label',
    {{score}} = '' and {{label}} = '', 'empty',
    ''
)
