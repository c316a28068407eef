/** The script tag that a page needs. */
import { PREFIX } from "./endpoint.js";
import { packagedScripts, type Script, SCRIPTS, scriptFiles } from "./script-files.js";

export interface ScriptTagOptions {
  /** The nonce of the page's content security policy, if it has one. */
  nonce?: string;
  /** Where the middleware answers, as the page sees it. */
  prefix?: string;
  /** Whether the browser checks that it gets the script that this process would serve. Switch it off
   * while versions of this package are mixed behind one address. */
  integrity?: boolean;
}

/** Attributes of the tag, for frameworks that make it themselves: `<script {...scriptProps()} />`. */
export function scriptProps(
  script: Script = "feedback.js", { nonce, prefix = PREFIX, integrity = true }: ScriptTagOptions = {},
): Record<string, string> {
  if (!SCRIPTS.includes(script)) {
    throw new TypeError(`script: '${String(script)}' must be one of ${SCRIPTS.join(", ")}`);
  }
  const file = scriptFiles(packagedScripts()).get(script);
  return {
    type: "module",
    src: `${prefix}/${script}${file ? `?v=${file.version}` : ""}`,
    ...(file && integrity ? { integrity: file.integrity, crossOrigin: "anonymous" } : {}),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** The tag that loads the script, for the `<head>`. */
export function scriptTag(script: Script = "feedback.js", options: ScriptTagOptions = {}): string {
  const written = Object.entries(scriptProps(script, options)).map(
    ([name, value]) => `${name.toLowerCase()}="${escaped(value)}"`,
  );
  return `<script ${written.join(" ")}></script>`;
}

const escaped = (value: string): string =>
  value.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`);
