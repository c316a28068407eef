-- Who is signed in to the pages, in which browser and until when; no reader is given it.
--
-- Of a session the row with the highest version counts, and one that has ended stays so.
create table if not exists sessions
(
    session_id String,
    ended UInt8,
    version UInt64,
    person String,
    -- `token` or `oidc`, and a hash of what they showed: when that changes, the session is over
    source LowCardinality(String),
    proof String,
    -- as the sign-in provider named them
    groups Array(String),
    -- SHA-256 of what the browser has to show, and of what it had to show before that was changed
    secret String,
    secret_before String,
    changed_at DateTime64(3, 'UTC'),
    began_at DateTime64(3, 'UTC'),
    ends_at DateTime64(3, 'UTC'),
    -- what the browser calls itself
    browser String
)
engine = ReplacingMergeTree(version)
order by (session_id, ended)
ttl toDateTime(ends_at)
