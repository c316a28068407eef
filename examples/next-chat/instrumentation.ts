import { FeedbackSpanProcessor } from "@otel-ai-feedback/node";
import { OpenTelemetry } from "@ai-sdk/otel";
import { registerOTel } from "@vercel/otel";
import { registerTelemetry } from "ai";

export function register() {
  registerOTel({ serviceName: "next-chat", spanProcessors: [new FeedbackSpanProcessor(), "auto"] });
  registerTelemetry(new OpenTelemetry());
}
