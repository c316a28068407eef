-- (time, arrived) Whether something cannot have happened then: years before there was telemetry of LLMs, or a day after it arrived.
({{time}} < toDateTime64('2020-01-01 00:00:00', 3, 'UTC') or {{time}} > toDateTime64({{arrived}}, 3, 'UTC') + interval 1 day)
