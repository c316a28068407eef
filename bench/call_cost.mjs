/** What capture adds to a call of a model in Node.js, in CPU time of the whole process.
 *
 *     node bench/call_cost.mjs --application DIR [--calls 200] [--rounds 20] [--smoke]
 *
 * DIR is a folder with `openai`, `@traceloop/instrumentation-openai`, the SDK and exporters of
 * OpenTelemetry and `@otel-ai-feedback/node` in its node_modules. As in `bench/call_cost.py`, calls of
 * the real client, with a question of 400 and an answer of 2,000 characters, go to a server in another
 * process, one after the other, and what is recorded is sent there too: by the client alone, with its
 * instrumentation, and with capture as well and a handle for each.
 *
 * The three take turns within one process, so that a machine that is busy otherwise is so for each of
 * them. A turn is so many calls and what they leave to do in the background, and the first 5,000 calls
 * of each warm up. Printed are medians of the rounds; what capture adds is the median of the
 * differences within a round.
 */
import { fork } from "node:child_process";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    application: { type: "string" },
    calls: { type: "string", default: "200" },
    rounds: { type: "string", default: "20" },
    smoke: { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
  },
});
const calls = values.smoke ? 10 : Number(values.calls);
const rounds = values.smoke ? 2 : Number(values.rounds);
// A service has made thousands of calls: until then the runtime interprets what it compiles later.
const WARM_UP = values.smoke ? 1 : Math.ceil(5000 / calls);
const WORDS = "the rivers of France carry water, boats and people from the hills to the sea all year".split(" ");

/** So many characters of words, others for each number. */
function text(length, number) {
  let found = "";
  for (let at = 0; found.length < length; at++) found += `${WORDS[(at * 7 + number * 3) % WORDS.length]} `;
  return found.slice(0, length);
}

/** The model and what takes the telemetry. */
function serve() {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url !== "/v1/chat/completions") {
        response.end();
        return;
      }
      const message = { role: "assistant", content: text(2000, Math.floor(Math.random() * 100)) };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "chatcmpl-1", object: "chat.completion", created: 1, model: "gpt-4o", choices, usage }));
    });
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  process.on("disconnect", () => process.exit());
}

/** The three ways of calling: each switches itself on, and has what is left to do done. */
function modes(require, address) {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = address;
  const { BatchSpanProcessor, NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
  const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
  const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
  const { OTLPLogExporter } = require("@opentelemetry/exporter-logs-otlp-proto");
  const { OpenAIInstrumentation } = require("@traceloop/instrumentation-openai");
  const feedback = require("@otel-ai-feedback/node");
  const loggerProvider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })] });
  const processor = new feedback.FeedbackSpanProcessor({ loggerProvider, settings: { key: "a key of this benchmark alone" } });
  const exporting = () => new BatchSpanProcessor(new OTLPTraceExporter());
  const plain = new NodeTracerProvider({ spanProcessors: [exporting()] });
  const captured = new NodeTracerProvider({ spanProcessors: [processor, exporting()] });
  plain.register();
  const instrumentation = new OpenAIInstrumentation();
  instrumentation.enable();
  const { OpenAI } = require("openai");
  const client = new OpenAI({ apiKey: "none", baseURL: `${address}/v1` });
  const ask = (number) => {
    const messages = [{ role: "user", content: text(400, number) }];
    return client.chat.completions.create({ model: "gpt-4o", messages });
  };
  const within = (provider, after) => {
    const tracer = provider.getTracer("bench");
    return (number) =>
      tracer.startActiveSpan("POST /chat", async (span) => {
        await ask(number);
        after();
        span.end();
      });
  };
  const instrumented = (provider) => {
    instrumentation.setTracerProvider(provider);
    instrumentation.enable();
  };
  return {
    client: { ask, on: () => instrumentation.disable(), flush: async () => undefined },
    instrumented: { ask: within(plain, () => undefined), on: () => instrumented(plain), flush: () => plain.forceFlush() },
    captured: {
      ask: within(captured, () => feedback.outputHandle()),
      on: () => instrumented(captured),
      async flush() {
        await captured.forceFlush();
        await loggerProvider.forceFlush();
      },
    },
  };
}

/** Microseconds of CPU time for a call, in this process. */
async function turn({ ask, on, flush }) {
  on();
  const before = process.cpuUsage();
  for (let number = 0; number < calls; number++) await ask(number);
  await flush();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function measure(port) {
  const require = createRequire(resolve(values.application, "package.json"));
  const ways = modes(require, `http://127.0.0.1:${port}`);
  const found = { client: [], instrumented: [], captured: [] };
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [mode, way] of Object.entries(ways)) {
      const cost = await turn(way);
      if (round >= 0) found[mode].push(cost);
    }
  }
  const [client, instrumented, captured] = Object.values(found).map(median);
  const added = median(found.captured.map((cost, round) => cost - found.instrumented[round]));
  console.log(`client ${client.toFixed(0)} µs, instrumented ${instrumented.toFixed(0)} µs, captured ${captured.toFixed(0)} µs`);
  console.log(`capture adds ${added.toFixed(0)} µs to a call, ${((100 * added) / client).toFixed(0)} % of the client's own`);
}

if (values.serve) {
  serve();
} else {
  const server = fork(fileURLToPath(import.meta.url), ["--serve"]);
  const port = await new Promise((done) => server.once("message", done));
  await measure(port);
  server.disconnect();
  process.exit(0);
}
