-- Which hash does each text of a table get under HASH=plain? `texts` names a table or view with a
-- column `text`: a value with a lone surrogate must have it replaced by U+FFFD before it gets here.
select
    text,
    concat(
        'sha256:',
        substring(lower(hex(SHA256(trimBoth(replaceRegexpAll(text, '[\t\n\v\f\r ]+', ' '))))), 1, 32)
    ) as output_hash
from {texts:Identifier}
