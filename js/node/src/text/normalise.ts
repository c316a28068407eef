/** One text, one string of bytes: the normal form under which outputs of every language hash alike. */

// A single space between words stays as it is, and is not looked at.
const RUNS = /[\t\n\v\f\r][\t\n\v\f\r ]*| [\t\n\v\f\r ]+/g;
const SURROGATE = /[\ud800-\udbff]/;

/** Text that UTF-8 can encode: lone surrogates as U+FFFD. */
export function scrub(text: string): string {
  // Of Node 20, and of every edge.
  return (text as string & { toWellFormed(): string }).toWellFormed();
}

/** Each run of ASCII whitespace as one space, the ends trimmed; no case folding, no Unicode form. */
export function normalise(text: string): string {
  let found = scrub(text).replace(RUNS, " ");
  if (found.startsWith(" ")) found = found.slice(1);
  return found.endsWith(" ") ? found.slice(0, -1) : found;
}

/** Length in code points. */
export function codePoints(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let pairs = 0;
  for (let at = 0; at < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      pairs++;
      at++;
    }
  }
  return text.length - pairs;
}

/** The first code points of a text. */
export function firstCodePoints(text: string, most: number): string {
  if (text.length <= most) return text;
  let at = 0;
  for (let count = 0; count < most && at < text.length; count++) {
    at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  }
  return text.slice(0, at);
}

/** The last code points of a text. */
export function lastCodePoints(text: string, most: number): string {
  let at = text.length;
  for (let count = 0; count < most && at > 0; count++) {
    const pair = at > 1 && (text.codePointAt(at - 2) as number) > 0xffff;
    at -= pair ? 2 : 1;
  }
  return text.slice(at);
}
