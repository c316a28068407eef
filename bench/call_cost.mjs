/** What capture adds to a call of a model in Node.js, in CPU time of the whole process.
 *
 *     node bench/call_cost.mjs --application DIR [--calls 1000] [--rounds 5] [--smoke]
 *
 * DIR is a folder with `openai`, `@traceloop/instrumentation-openai`, the SDK and exporters of
 * OpenTelemetry and `@otel-ai-feedback/node` in its node_modules. As in `bench/call_cost.py`, calls of
 * the real client, with a question of 400 and an answer of 2,000 characters, go to a server in another
 * process, one after the other, and what is recorded is sent there too: by the client alone, with its
 * instrumentation, and with capture as well and a handle for each, in turns. Printed are medians of
 * the rounds.
 */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const MODES = ["client", "instrumented", "captured"];
const { values } = parseArgs({
  options: {
    application: { type: "string" },
    calls: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    smoke: { type: "boolean", default: false },
    mode: { type: "string" },
  },
});
const calls = values.smoke ? 20 : Number(values.calls);
const rounds = values.smoke ? 1 : Number(values.rounds);
const WORDS = "the rivers of France carry water, boats and people from the hills to the sea all year".split(" ");

/** So many characters of words, others for each number. */
function text(length, number) {
  let found = "";
  for (let at = 0; found.length < length; at++) found += `${WORDS[(at * 7 + number * 3) % WORDS.length]} `;
  return found.slice(0, length);
}

/** Microseconds of CPU time for a call, in this process. */
async function measure(mode) {
  const require = createRequire(resolve(values.application, "package.json"));
  let handle = () => undefined;
  let flush = async () => undefined;
  if (mode !== "client") {
    const { BatchSpanProcessor, NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
    const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
    const { OpenAIInstrumentation } = require("@traceloop/instrumentation-openai");
    const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())];
    if (mode === "captured") {
      const feedback = require("@otel-ai-feedback/node");
      const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
      const { OTLPLogExporter } = require("@opentelemetry/exporter-logs-otlp-proto");
      const processors = [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })];
      const loggerProvider = new LoggerProvider({ processors });
      const settings = { key: "a key of this benchmark alone" };
      spanProcessors.unshift(new feedback.FeedbackSpanProcessor({ loggerProvider, settings }));
      handle = feedback.outputHandle;
      flush = feedback.flush;
    }
    const provider = new NodeTracerProvider({ spanProcessors });
    provider.register();
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.enable();
    if (mode === "instrumented") flush = () => provider.forceFlush();
  }
  const { OpenAI } = require("openai");
  const { trace } = require("@opentelemetry/api");
  const client = new OpenAI({ apiKey: "none", baseURL: `${process.env.SERVER}/v1` });
  const tracer = trace.getTracer("bench");
  const ask = (number) =>
    tracer.startActiveSpan("POST /chat", async (span) => {
      const messages = [{ role: "user", content: text(400, number) }];
      await client.chat.completions.create({ model: "gpt-4o", messages });
      handle();
      span.end();
    });
  for (let number = 0; number < Math.max(calls / 4, 10); number++) await ask(number);
  await flush();
  const before = process.cpuUsage();
  for (let number = 0; number < calls; number++) await ask(number);
  // What is left to do in the background belongs to the calls.
  await flush();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

if (values.mode) {
  console.log(await measure(values.mode));
  process.exit(0);
}

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
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${server.address().port}`;
const env = { ...process.env, SERVER: address, OTEL_EXPORTER_OTLP_ENDPOINT: address };
const run = promisify(execFile);
const found = Object.fromEntries(MODES.map((mode) => [mode, []]));
for (let round = 0; round < rounds; round++) {
  for (const mode of MODES) {
    const own = ["--application", values.application, "--calls", String(calls), "--mode", mode];
    const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), ...own], { env });
    found[mode].push(Number(stdout));
  }
}
server.close();
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const [client, instrumented, captured] = MODES.map((mode) => median(found[mode]));
const share = (captured - instrumented) / client;
console.log(`client ${client.toFixed(0)} µs, instrumented ${instrumented.toFixed(0)} µs, captured ${captured.toFixed(0)} µs`);
console.log(`capture adds ${(captured - instrumented).toFixed(0)} µs to a call, ${(100 * share).toFixed(0)} % of the client's own`);
