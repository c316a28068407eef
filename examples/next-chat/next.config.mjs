/** The package is loaded as it is on disk, as it reads the script files beside it. */
export default { serverExternalPackages: ["@otel-ai-feedback/node"], turbopack: { root: import.meta.dirname } };
