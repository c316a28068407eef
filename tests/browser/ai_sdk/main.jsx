/** A chat as the AI SDK's own documentation shows it; it knows nothing of feedback. */
import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const transport = new DefaultChatTransport({ api: "/stream?as=parts" });

const Chat = () => {
  const { messages, sendMessage, status } = useChat({ transport });
  const [input, setInput] = useState("");
  return (
    <>
      {messages.map((message) => (
        <article key={message.id}>
          <b>{message.role === "user" ? "You: " : "AI: "}</b>
          {message.parts.map((part, index) =>
            part.type === "text" ? <p key={index}>{part.text}</p> : null,
          )}
        </article>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sendMessage({ text: input });
          setInput("");
        }}
      >
        <input value={input} onChange={(event) => setInput(event.target.value)} />
        <button disabled={status !== "ready"}>Send</button>
      </form>
    </>
  );
};

createRoot(document.body.appendChild(document.createElement("main"))).render(<Chat />);
