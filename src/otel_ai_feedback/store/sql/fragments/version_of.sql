-- (o) Which model, release, prompt or feature made an answer, by what a comparison asks for?
multiIf(
    {by:String} = 'model', toString({{o}}.model),
    {by:String} = 'release', toString({{o}}.release),
    {by:String} = 'prompt_version', toString({{o}}.prompt_version),
    -- where both are recorded, a prompt is called name@version
    {by:String} = 'prompt_name', extract(toString({{o}}.prompt_version), '^(.+)@[^@]*$'),
    {by:String} = 'feature', toString({{o}}.feature),
    ''
)
