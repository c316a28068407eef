-- (chosen) Whether to watch the environment of a row: one of those chosen, else production if it exists, else any.
multiIf(
    {{chosen}} != '', has(splitByChar(',', {{chosen}}), toString(environment)),
    max(environment = 'production') over (), environment = 'production',
    true
)
