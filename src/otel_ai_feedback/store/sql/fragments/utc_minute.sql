-- (moment) A time as `formats.utc_minute` writes it.
formatDateTime({{moment}}, '%Y-%m-%d %H:%i UTC', 'UTC')
