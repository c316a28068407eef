/** `node build.mjs ENTRY FILE`: one page, bundled as an application would do it. */
import { readFile } from "node:fs/promises";

import { build } from "esbuild";
import { compile } from "svelte/compiler";

const svelte = {
  name: "svelte",
  setup({ onLoad }) {
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, "utf8"), { filename: path, generate: "client" });
      return { contents: js.code };
    });
  },
};

const [entry, outfile] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  minify: true,
  logLevel: "error",
  conditions: ["browser", "production"],
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".ttf": "dataurl", ".woff": "dataurl", ".woff2": "dataurl" },
  plugins: [svelte],
});
