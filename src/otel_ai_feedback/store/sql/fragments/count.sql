-- (n) A whole number as `formats.count` writes it, its thousands apart by a narrow no-break space.
replaceAll(trim(reverse(replaceRegexpAll(reverse(toString(toUInt64(round({{n}})))), '([0-9]{3})', '\\1 '))), ' ', '\xE2\x80\xAF')
