/** Each run of ASCII whitespace as one space, the ends trimmed; no case folding, no Unicode form. */
export const normalise = (text) => text.replace(/[\t\n\v\f\r ]+/g, " ").replace(/^ | $/g, "");
