export { GET, HEAD, OPTIONS, POST } from "@otel-ai-feedback/node/next";
