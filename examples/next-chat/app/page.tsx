"use client";

import { useChat } from "@ai-sdk/react";
import type { UIMessage } from "ai";
import { useState } from "react";

type Message = UIMessage<{ handle?: string }>;

const textOf = (message: Message) =>
  message.parts.map((part) => (part.type === "text" ? part.text : "")).join("");

export default function Page() {
  const { messages, sendMessage, status } = useChat<Message>();
  const [input, setInput] = useState("");
  return (
    <main>
      {messages.map((message) =>
        message.role === "user" ? (
          <p key={message.id}>You: {textOf(message)}</p>
        ) : (
          <Answer key={message.id} handle={message.metadata?.handle} text={textOf(message)} />
        ),
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text: input });
          setInput("");
        }}
      >
        <input
          value={input}
          onChange={(event) => setInput(event.target.value)}
          placeholder="Ask anything"
        />
        <button disabled={status === "submitted" || status === "streaming"}>Send</button>
      </form>
    </main>
  );
}

function Answer({ handle, text }: { handle?: string; text: string }) {
  const [editing, setEditing] = useState(false);
  return (
    <article>
      <div data-ai-output={handle ?? ""}>{text}</div>
      <button type="button" onClick={() => void navigator.clipboard.writeText(text)}>
        Copy
      </button>
      <button type="button" onClick={() => setEditing(true)}>
        Edit
      </button>
      <button type="button" data-ai-action="rating:1">
        Good
      </button>
      <button type="button" data-ai-action="rating:-1">
        Bad
      </button>
      {editing && (
        <form onSubmit={(event) => event.preventDefault()}>
          <textarea data-ai-draft={handle ?? ""} defaultValue={text} rows={8} />
          <button>Use</button>
        </form>
      )}
    </article>
  );
}
