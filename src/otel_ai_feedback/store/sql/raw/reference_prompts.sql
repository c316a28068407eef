-- The questions that a team tests with: no text, only a keyed sketch of each and its length.
--
-- An import of a set is one version, and the newest version of a set is what it holds. An empty
-- service or feature means every one.
create table if not exists reference_prompts
(
    set_name LowCardinality(String),
    version UInt64,
    service LowCardinality(String),
    feature LowCardinality(String),
    sketch String codec(ZSTD(1)),
    length UInt32,
    -- as the file names it
    language LowCardinality(String),
    imported_at DateTime64(3, 'UTC')
)
engine = MergeTree
order by (set_name, version, sketch)
