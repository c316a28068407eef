/** The script files that pages load, read once and served from memory. */
import { builtin } from "../runtime.js";
import type { Headers } from "./http.js";

export const SCRIPTS = ["feedback.js", "feedback-acts.js", "feedback-draft.js", "feedback-auto.js"] as const;
export type Script = (typeof SCRIPTS)[number];
const HOUR = "public, max-age=3600";
const FOREVER = "public, max-age=31536000, immutable";

export interface ScriptFile {
  readonly body: Uint8Array;
  readonly compressed: Uint8Array;
  /** Its hash as a page names it. */
  readonly integrity: string;
  /** A short name of this content; an address with it may be cached for ever. */
  readonly version: string;
}

const read = new Map<string, ReadonlyMap<string, ScriptFile>>();

/** The script files of a directory by name; none on the edge, which has no files. */
export function scriptFiles(directory: string | undefined): ReadonlyMap<string, ScriptFile> {
  if (directory === undefined) return new Map();
  let found = read.get(directory);
  if (!found) {
    found = load(directory);
    read.set(directory, found);
  }
  return found;
}

function load(directory: string): ReadonlyMap<string, ScriptFile> {
  const found = new Map<string, ScriptFile>();
  const fs = builtin("node:fs");
  const path = builtin("node:path");
  const crypto = builtin("node:crypto");
  const zlib = builtin("node:zlib");
  if (!fs || !path || !crypto || !zlib) return found;
  for (const name of SCRIPTS) {
    const file = path.join(directory, name);
    if (!fs.existsSync(file)) continue;
    const body = fs.readFileSync(file);
    const digest = crypto.createHash("sha384").update(body).digest();
    found.set(name, {
      body,
      compressed: zlib.gzipSync(body, { level: 9 }),
      integrity: `sha384-${digest.toString("base64")}`,
      version: digest.toString("hex").slice(0, 16),
    });
  }
  return found;
}

/** Where the package keeps its scripts, whichever of its forms is loaded and wherever a bundler has
 * put it. */
export function packagedScripts(): string | undefined {
  const path = builtin("node:path");
  const modules = builtin("node:module");
  if (!path || !modules) return undefined;
  try {
    const root = modules.createRequire(path.join(process.cwd(), "package.json"));
    return path.join(path.dirname(root.resolve("@otel-ai-feedback/node/package.json")), "dist/scripts");
  } catch {
    return undefined;
  }
}

/** Status, headers and body for one request. */
export function answerScript(
  file: ScriptFile, headers: Headers, query: string,
): { status: number; headers: [string, string][]; body: Uint8Array } {
  const gzipped = (headers["accept-encoding"] ?? "").includes("gzip");
  const etag = `"${file.version}${gzipped ? "-gzip" : ""}"`;
  const found: [string, string][] = [
    ["ETag", etag],
    ["Cache-Control", query === `v=${file.version}` ? FOREVER : HOUR],
    ["Vary", "Accept-Encoding"],
    // A page of another origin loads it with `crossorigin`, as its integrity is checked.
    ["Access-Control-Allow-Origin", "*"],
    ["Cross-Origin-Resource-Policy", "cross-origin"],
  ];
  const known = headers["if-none-match"] ?? "";
  const tags = known.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.trim() === "*" || tags.includes(etag)) {
    return { status: 304, headers: found, body: new Uint8Array() };
  }
  found.push(["Content-Type", "text/javascript; charset=utf-8"]);
  if (gzipped) found.push(["Content-Encoding", "gzip"]);
  return { status: 200, headers: found, body: gzipped ? file.compressed : file.body };
}
