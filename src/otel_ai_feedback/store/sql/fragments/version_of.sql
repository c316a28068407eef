-- (o, by) Which model, release, prompt or feature made an answer, by what a comparison asks for?
multiIf(
    {{by}} = 'model', toString({{o}}.model),
    {{by}} = 'release', toString({{o}}.release),
    {{by}} = 'prompt_version', toString({{o}}.prompt_version),
    -- where both are recorded, a prompt is called name@version
    {{by}} = 'prompt_name', extract(toString({{o}}.prompt_version), '^(.+)@[^@]*$'),
    {{by}} = 'feature', toString({{o}}.feature),
    ''
)
