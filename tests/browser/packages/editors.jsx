/** Drafts in editors that people use, each set up as its own documentation does it. */
import { createEmptyHistoryState, registerHistory } from "@lexical/history";
import { registerRichText } from "@lexical/rich-text";
import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";
import { EditorView, basicSetup } from "codemirror";
import { $createParagraphNode, $createTextNode, $getRoot, createEditor } from "lexical";
import * as monaco from "monaco-editor/editor/editor.api.js";
import Quill from "quill";
import { useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { createEditor as createSlate } from "slate";
import { withHistory } from "slate-history";
import { Editable, Slate, withReact } from "slate-react";

self.MonacoEnvironment = { getWorker: () => new Worker(URL.createObjectURL(new Blob([""]))) };

const SlateDraft = ({ handle, text }) => {
  const editor = useMemo(() => withHistory(withReact(createSlate())), []);
  return (
    <Slate editor={editor} initialValue={[{ type: "paragraph", children: [{ text }] }]}>
      <Editable data-ai-draft={handle} />
    </Slate>
  );
};

/** Sends with Enter, and is empty then. */
const Composer = ({ handle, text }) => {
  const [value, setValue] = useState(text);
  const send = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      setValue("");
    }
  };
  const change = (event) => setValue(event.target.value);
  return <textarea data-ai-draft={handle} value={value} onChange={change} onKeyDown={send} />;
};

const render = (place, element) => flushSync(() => createRoot(place).render(element));

const KINDS = {
  textarea(place, handle, text) {
    place.innerHTML = "<textarea rows=5></textarea>";
    Object.assign(place.firstChild, { value: text }).dataset.aiDraft = handle;
  },
  contenteditable(place, handle, text) {
    place.innerHTML = "<div contenteditable></div>";
    Object.assign(place.firstChild, { textContent: text }).dataset.aiDraft = handle;
  },
  tiptap(place, handle, text) {
    const editorProps = { attributes: { "data-ai-draft": handle } };
    new Editor({ element: place, extensions: [StarterKit], content: text, editorProps });
  },
  lexical(place, handle, text) {
    place.innerHTML = "<div contenteditable></div>";
    place.firstChild.dataset.aiDraft = handle;
    const editor = createEditor({
      onError(error) {
        throw error;
      },
    });
    editor.setRootElement(place.firstChild);
    registerRichText(editor);
    registerHistory(editor, createEmptyHistoryState(), 300);
    const paragraph = () => $createParagraphNode().append($createTextNode(text));
    editor.update(() => void $getRoot().append(paragraph()), { discrete: true });
  },
  slate(place, handle, text) {
    render(place, <SlateDraft handle={handle} text={text} />);
  },
  quill(place, handle, text) {
    const quill = new Quill(place);
    quill.setText(text);
    quill.history.clear();
    quill.root.dataset.aiDraft = handle;
  },
  codemirror(place, handle, text) {
    const theme = EditorView.theme({ "&": { height: "200px" }, ".cm-scroller": { overflow: "auto" } });
    const marked = EditorView.contentAttributes.of({ "data-ai-draft": handle });
    new EditorView({ doc: text, extensions: [basicSetup, theme, marked], parent: place });
  },
  monaco(place, handle, text) {
    place.dataset.aiDraft = handle;
    place.style.height = "200px";
    window.monaco = monaco;
    monaco.editor.create(place, { value: text, language: "plaintext" });
  },
  "monaco, out of reach"(place, handle, text) {
    KINDS.monaco(place, handle, text);
    delete window.monaco;
  },
  composer(place, handle, text) {
    render(place, <Composer handle={handle} text={text} />);
  },
};

window.draft = (kind, handle, text) => {
  document.body.innerHTML = "<section><div></div><button data-ai-action=accept>Use</button></section>";
  KINDS[kind](document.querySelector("section div"), handle, text);
};
