/** assistant-ui's own parts over the AI SDK, as its documentation puts them together. */
import { AssistantChatTransport, useChatRuntime } from "@assistant-ui/ai-sdk";
import {
  ActionBarPrimitive,
  AssistantRuntimeProvider,
  ComposerPrimitive,
  MessagePrimitive,
  ThreadPrimitive,
} from "@assistant-ui/react";
import { createRoot } from "react-dom/client";

const UserMessage = () => (
  <MessagePrimitive.Root>
    <MessagePrimitive.Content />
  </MessagePrimitive.Root>
);

const AssistantMessage = () => (
  <MessagePrimitive.Root className="answer">
    <MessagePrimitive.Content />
    <ActionBarPrimitive.Root>
      <ActionBarPrimitive.Copy>Copy</ActionBarPrimitive.Copy>
      <ActionBarPrimitive.Reload data-ai-action="regenerate">Again</ActionBarPrimitive.Reload>
    </ActionBarPrimitive.Root>
  </MessagePrimitive.Root>
);

const transport = new AssistantChatTransport({ api: "/stream?as=parts" });

const Chat = () => (
  <AssistantRuntimeProvider runtime={useChatRuntime({ transport })}>
    <ThreadPrimitive.Root>
      <ThreadPrimitive.Viewport>
        <ThreadPrimitive.Messages components={{ UserMessage, AssistantMessage }} />
      </ThreadPrimitive.Viewport>
      <ComposerPrimitive.Root>
        <ComposerPrimitive.Input />
        <ComposerPrimitive.Send>Send</ComposerPrimitive.Send>
      </ComposerPrimitive.Root>
    </ThreadPrimitive.Root>
  </AssistantRuntimeProvider>
);

createRoot(document.body.appendChild(document.createElement("main"))).render(<Chat />);
