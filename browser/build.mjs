/**
 * Builds what the wheel ships: one file for each entry, and the hashes for `integrity`.
 *
 * `node build.mjs [DIRECTORY]` writes there; by default where the Python package has them.
 */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "../src/otel_ai_feedback/capture/web/static");
const ENTRIES = ["feedback.js", "feedback-acts.js", "feedback-draft.js", "feedback-auto.js"];
// Fields that never leave the module they are in; none may be a name that the browser knows.
const OWN_FIELDS = /^(shown|told|depth|grown|wasSeen)$/;

const integrity = {};
await mkdir(target, { recursive: true });
for (const entry of ENTRIES) {
  const bundled = await build({
    entryPoints: [join(here, "src", entry)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["./feedback-acts.js", "./feedback-draft.js"],
    mangleProps: OWN_FIELDS,
    minify: true,
  });
  const { code } = await minify(bundled.outputFiles[0].text, {
    module: true,
    compress: { passes: 3, unsafe_arrows: true, ecma: 2020, booleans_as_integers: true, pure_getters: true, hoist_props: true },
  });
  await writeFile(join(target, entry), code);
  integrity[entry] = "sha384-" + createHash("sha384").update(code).digest("base64");
  console.log(`${entry} ${gzipSync(code, { level: 9 }).length} bytes gzipped`);
}
await writeFile(join(target, "integrity.json"), JSON.stringify(integrity, null, 2) + "\n");
