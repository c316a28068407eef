/** A service that asks a model once whole and once as a stream, by the source that is named. What it
 * prints is what the test compares with the store. */
import { createRequire } from "node:module";

import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { conversation, FeedbackSpanProcessor, flush, outputHandle, recordAction, stats } from "@otel-ai-feedback/node";

const require = createRequire(import.meta.url);
const [name] = process.argv.slice(2);
const { QUESTION: prompt, OPENAI_BASE_URL: baseURL } = process.env;
const messages = [{ role: "system", content: "Be brief." }, { role: "user", content: prompt }];

// Only one source records by logs; without a logger provider our events go out by themselves.
const logs = name === "openai" ? [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })] : [];
new NodeSDK({
  spanProcessors: [new FeedbackSpanProcessor(), new BatchSpanProcessor(new OTLPTraceExporter())],
  logRecordProcessors: logs,
}).start();

async function aiSdk(integration, telemetry) {
  const { createOpenAI } = await import("@ai-sdk/openai");
  const { generateText, registerTelemetry, streamText } = await import("ai");
  const otel = await import("@ai-sdk/otel");
  registerTelemetry(new otel[integration]());
  const openai = createOpenAI({ apiKey: "none", baseURL });
  return {
    whole: () => generateText({ model: openai.chat("gpt-4o"), messages: messages.slice(1), telemetry }),
    async streamed() {
      const result = streamText({ model: openai.chat("gpt-4o"), prompt, telemetry });
      for await (const _ of result.textStream);
    },
  };
}

/** Of the `openai` client, after an instrumentation has patched it. */
function client(instrumentation) {
  instrumentation?.enable();
  const { OpenAI } = require("openai");
  const openai = new OpenAI();
  return {
    whole: () => openai.chat.completions.create({ model: "gpt-4o", messages }),
    async streamed() {
      const stream = await openai.chat.completions.create({ model: "gpt-4o", messages, stream: true });
      for await (const _ of stream);
    },
  };
}

function langChain(instrument) {
  instrument(require("@langchain/core/callbacks/manager"));
  const { ChatOpenAI } = require("@langchain/openai");
  const model = new ChatOpenAI({ model: "gpt-4o", configuration: { baseURL } });
  return {
    whole: () => model.invoke(messages),
    async streamed() {
      for await (const _ of await model.stream(messages));
    },
  };
}

const SOURCES = {
  "ai-sdk": () => aiSdk("OpenTelemetry"),
  "ai-sdk-content-off": () => aiSdk("OpenTelemetry", { recordInputs: false, recordOutputs: false }),
  "ai-sdk-legacy": () => aiSdk("LegacyOpenTelemetry"),
  "ai-sdk-legacy-content-off": () =>
    aiSdk("LegacyOpenTelemetry", { recordInputs: false, recordOutputs: false }),
  "ai-sdk-5": async () => {
    const { createOpenAI } = await import("ai-sdk-openai-2");
    const { generateText, streamText, wrapLanguageModel } = await import("ai-sdk-5");
    const { feedbackModelMiddleware } = await import("@otel-ai-feedback/node");
    const openai = createOpenAI({ apiKey: "none", baseURL });
    const model = wrapLanguageModel({ model: openai.chat("gpt-4o"), middleware: feedbackModelMiddleware() });
    const experimental_telemetry = { isEnabled: true, recordInputs: false, recordOutputs: false };
    return {
      whole: () => generateText({ model, prompt, experimental_telemetry }),
      async streamed() {
        for await (const _ of streamText({ model, prompt, experimental_telemetry }).textStream);
      },
    };
  },
  openai: () => {
    const { OpenAIInstrumentation } = require("@opentelemetry/instrumentation-openai");
    const { registerInstrumentations } = require("@opentelemetry/instrumentation");
    registerInstrumentations({ instrumentations: [new OpenAIInstrumentation({ captureMessageContent: true })] });
    return client();
  },
  "openllmetry-openai": () => {
    const { OpenAIInstrumentation } = require("@traceloop/instrumentation-openai");
    return client(new OpenAIInstrumentation());
  },
  "openinference-openai": () => {
    const { OpenAIInstrumentation } = require("@arizeai/openinference-instrumentation-openai");
    return client(new OpenAIInstrumentation());
  },
  "openinference-langchain": () => {
    const { LangChainInstrumentation } = require("@arizeai/openinference-instrumentation-langchain");
    return langChain((callbacks) => new LangChainInstrumentation().manuallyInstrument(callbacks));
  },
  "openllmetry-langchain": () => {
    const { LangChainInstrumentation } = require("@traceloop/instrumentation-langchain");
    return langChain((callbackManagerModule) => new LangChainInstrumentation().manuallyInstrument({ callbackManagerModule }));
  },
  genkit: async () => {
    const { genkit } = require("genkit");
    const { openAI } = require("@genkit-ai/compat-oai/openai");
    const ai = genkit({ plugins: [openAI({ apiKey: "none", baseURL })] });
    const model = openAI.model("gpt-4o");
    return {
      whole: () => ai.generate({ model, system: "Be brief.", prompt }),
      async streamed() {
        const { stream, response } = ai.generateStream({ model, prompt });
        for await (const _ of stream);
        await response;
      },
    };
  },
};

const { whole, streamed } = await SOURCES[name]();
await conversation(`${name} 1`, async () => {
  await whole();
  outputHandle();
});
await conversation(`${name} 2`, async () => {
  await streamed();
  // Ends a moment after the last piece.
  await new Promise((resolve) => setTimeout(resolve, 100));
  recordAction(outputHandle() ?? null, "copy", 0.5, { actionId: "1" });
});
await flush();
console.log(JSON.stringify(stats()));
process.exit(0);
