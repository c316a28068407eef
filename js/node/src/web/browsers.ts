/** Which browser sent a request: its name only, as there are few, so it says nothing of a person. */

// In this order: most browsers also claim to be those that come after them.
const SIGNS: readonly (readonly [string, readonly string[]])[] = [
  ["Edge", ["Edg/", "EdgA/", "EdgiOS/"]],
  ["Opera", ["OPR/", "Opera"]],
  ["Samsung Internet", ["SamsungBrowser/"]],
  ["Firefox", ["Firefox/", "FxiOS/"]],
  ["Chrome", ["Chrome/", "CriOS/"]],
  ["Safari", ["Safari/"]],
];

/** Name of the browser, if it is one of the few that people use. */
export function browserOf(userAgent: string): string | undefined {
  return SIGNS.find(([, signs]) => signs.some((sign) => userAgent.includes(sign)))?.[0];
}
