import { createOpenAI } from "@ai-sdk/openai";
import { conversation, requestHandle } from "@otel-ai-feedback/node";
import { withFeedback } from "@otel-ai-feedback/node/next";
import { convertToModelMessages, streamText, type UIMessage } from "ai";

const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL });

export const POST = withFeedback(async (request: Request) => {
  const { id, messages } = (await request.json()) as { id: string; messages: UIMessage[] };
  const handle = requestHandle();
  const modelMessages = await convertToModelMessages(messages);
  const result = conversation(id, { feature: "chat" }, () =>
    streamText({
      model: openai.chat(process.env.MODEL ?? "gpt-4o-mini"),
      messages: modelMessages,
      abortSignal: request.signal,
      telemetry: { recordInputs: false, recordOutputs: false },
    }),
  );
  return result.toUIMessageStreamResponse({
    messageMetadata: ({ part }) => (part.type === "start" ? { handle } : undefined),
  });
});
