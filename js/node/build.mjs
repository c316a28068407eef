/** Builds the package twice, as ES modules and as CommonJS, each with its types. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const compile = (...options) =>
  execFileSync(process.execPath, [tsc, ...options], { cwd: here, stdio: "inherit" });

rmSync(`${here}dist`, { recursive: true, force: true });
compile();
compile(
  "--outDir", "dist/cjs", "--module", "commonjs", "--moduleResolution", "node10",
  "--verbatimModuleSyntax", "false",
);
writeFileSync(`${here}dist/cjs/package.json`, '{ "type": "commonjs" }\n');
// What pages load is the same as what the Python package serves.
mkdirSync(`${here}dist/scripts`);
for (const name of ["feedback.js", "feedback-acts.js", "feedback-draft.js", "feedback-auto.js"]) {
  cpSync(`${here}../../src/otel_ai_feedback/capture/web/static/${name}`, `${here}dist/scripts/${name}`);
}
