/** Answers in React, with the parts that chats are made of; it knows of feedback by markup only. */
import * as Headless from "@headlessui/react";
import * as Dialog from "@radix-ui/react-dialog";
import * as Menu from "@radix-ui/react-dropdown-menu";
import { useState } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import Markdown from "react-markdown";
import { Prism } from "react-syntax-highlighter";

const Bad = () => <span data-ai-action="rating:-1" data-ai-reason="outdated">Bad answer</span>;

/** As copy buttons are: the icon that was clicked is replaced at once. */
const Copy = ({ text }) => {
  const [done, setDone] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text);
    setDone(true);
  };
  return <button className="copy" onClick={copy}>{done ? <b>done</b> : <i>copy</i>}</button>;
};

const OPENERS = {
  radix: () => (
    <Menu.Root modal={false}>
      <Menu.Trigger className="open">More</Menu.Trigger>
      <Menu.Portal><Menu.Content><Menu.Item><Bad /></Menu.Item></Menu.Content></Menu.Portal>
    </Menu.Root>
  ),
  dialog: () => (
    <Dialog.Root>
      <Dialog.Trigger className="open">Rate</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Content><Dialog.Title>Why?</Dialog.Title><Bad /></Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  ),
  headless: () => (
    <Headless.Menu>
      <Headless.MenuButton className="open">More</Headless.MenuButton>
      <Headless.MenuItems anchor="bottom"><Headless.MenuItem><Bad /></Headless.MenuItem></Headless.MenuItems>
    </Headless.Menu>
  ),
  modal: () => <button className="open" onClick={() => window.modal.showModal()}>Rate</button>,
  popover: () => <button className="open" popoverTarget="popover">Rate</button>,
};

const SHOWN = {
  text: (text) => text,
  list: (text) => <ul>{text.split("\n").map((line) => <li key={line}>{line}</li>)}</ul>,
  lines: (text) => text.split("\n").map((line) => <span key={line}>{line}<br /></span>),
  markdown: (text) => <Markdown>{text}</Markdown>,
  code: (text) => <Prism language="python" showLineNumbers>{text}</Prism>,
};

const Chat = ({ handles, texts, shown, opener }) => {
  const Opener = OPENERS[opener] ?? (() => null);
  return (
    <main>
      <header><Opener /></header>
      {handles.map((handle, index) => (
        <article key={handle}>
          <div data-ai-output={handle}>{SHOWN[shown](texts[index])}</div>
          <Copy text={texts[index]} />
          <Opener />
        </article>
      ))}
    </main>
  );
};

window.chat = (handles, texts, { shown = "text", opener } = {}) => {
  document.body.innerHTML = "<div id=root></div><dialog id=modal></dialog><div popover id=popover></div>";
  const root = createRoot(document.querySelector("#root"));
  flushSync(() => root.render(<Chat {...{ handles, texts, shown, opener }} />));
  for (const layer of ["modal", "popover"]) {
    window[layer].innerHTML = "<button data-ai-action='rating:-1'>Bad answer</button>";
  }
};
