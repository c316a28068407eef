// Reads [{fieldConfig, frame}] and writes, for each, what Grafana makes of it: the name, unit, text and links of
// each field, and for each override the fields that its matcher finds.
"use strict";
const { JSDOM } = require("jsdom");
const page = new JSDOM("", { url: "http://127.0.0.1/" });
for (const name of ["window", "document", "localStorage", "navigator", "DOMParser", "Node", "Element", "HTMLElement"]) {
  const value = name === "window" ? page.window : page.window[name];
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
const grafana = require("@grafana/data");

const passed = (id, process = (value) => value) =>
  ({ id, path: id, name: id, process, shouldApply: () => true, settings: {} });
grafana.standardFieldConfigEditorRegistry.setInit(() => [
  ...["unit", "min", "max", "decimals", "noValue", "mappings", "color", "thresholds"].map((id) => passed(id)),
  passed("displayName", grafana.displayNameOverrideProcessor),
  passed("links", grafana.dataLinksOverrideProcessor),
]);

function filled(text, scoped = {}) {
  return text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, label) =>
    (scoped.__field?.value?.labels ?? scoped.__dataContext?.value?.field?.labels ?? {})[label] ?? "");
}

function fields({ fieldConfig, frame }) {
  const made = grafana.applyFieldOverrides({
    data: [grafana.toDataFrame(frame)],
    fieldConfig,
    fieldConfigRegistry: grafana.standardFieldConfigEditorRegistry,
    replaceVariables: filled,
    theme: grafana.createTheme(),
    timeZone: "utc",
  });
  const bare = grafana.applyFieldOverrides({
    data: [grafana.toDataFrame(frame)],
    fieldConfig: { defaults: {}, overrides: [] },
    replaceVariables: filled,
    theme: grafana.createTheme(),
    timeZone: "utc",
  });
  return {
    fields: made[0].fields.map((field) => {
      const last = field.values.findLast((value) => value !== null);
      return {
        name: field.name,
        labels: field.labels ?? {},
        title: filled(grafana.getFieldDisplayName(field, made[0], made),
          { __field: { value: { labels: field.labels } } }),
        unit: field.config.unit ?? "",
        links: (field.config.links ?? []).length,
        text: last === undefined ? "" : grafana.formattedValueToString(field.display(last)),
      };
    }),
    found: fieldConfig.overrides.map(({ matcher }) => {
      const matches = grafana.getFieldMatcher(matcher);
      return bare[0].fields.filter((field) => matches(field, bare[0], bare)).map((field) => field.name);
    }),
  };
}

let text = "";
process.stdin.on("data", (part) => { text += part; });
process.stdin.on("end", () => {
  process.stdout.write("\n=== " + JSON.stringify(JSON.parse(text).map(fields)) + "\n");
});
