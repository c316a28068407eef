// What a Node service does with Vercel's AI SDK: one call for each case, named by its model.
import { createOpenAI } from '@ai-sdk/openai'
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { generateText, registerTelemetry, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'

const [form, only] = process.argv.slice(2)
const exporter = new OTLPTraceExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
provider.register()
registerTelemetry(form === 'legacy' ? new LegacyOpenTelemetry() : new OpenTelemetry())
const openai = createOpenAI({ apiKey: 'none', baseURL: process.env.OPENAI_BASE_URL })
const prompt = process.env.QUESTION
const instructions = 'Be brief.'
const search = tool({ description: 'Search.', inputSchema: z.object({}), execute: () => 'found' })

if (only) {
  await generateText({ model: openai.chat(only), instructions, prompt })
} else {
  await generateText({ model: openai.chat('whole'), instructions, prompt })
  for await (const _ of streamText({ model: openai.chat('streamed'), prompt }).textStream);
  await generateText({
    model: openai.chat('agent'), prompt, tools: { search }, stopWhen: stepCountIs(2)
  })
  await generateText({ model: openai.responses('thinks'), prompt })
  const stopped = new AbortController()
  const aborted = streamText({
    model: openai.chat('aborted'), prompt, abortSignal: stopped.signal, onError() {}
  })
  for await (const _ of aborted.textStream) stopped.abort()
}
await provider.forceFlush()
