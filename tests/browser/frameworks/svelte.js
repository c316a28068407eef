/** A chat in Svelte; the handle is an attribute beside the text. */
import { mount } from "svelte";
import Chat from "./Chat.svelte";

const ask = (text) => fetch("/stream?as=text", { method: "POST", body: JSON.stringify({ text }) });

mount(Chat, { target: document.body.appendChild(document.createElement("main")), props: { ask } });
