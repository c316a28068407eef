/** A chat: each answer streams into a card with a copy button, an editor and ratings. */

const log = document.querySelector("#log");
const ask = document.querySelector("#ask");

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = ask.question.value;
  ask.reset();
  answer(question);
});

const answer = async (question) => {
  const card = document.querySelector("#card").content.cloneNode(true).firstElementChild;
  const text = card.querySelector(".answer");
  const editor = card.querySelector(".editor");
  const draft = editor.querySelector("textarea");
  card.querySelector(".question").textContent = question;
  card.querySelector(".copy").onclick = () => navigator.clipboard.writeText(text.textContent);
  card.querySelector("[data-ai-action=regenerate]").onclick = () => answer(question);
  card.querySelector(".edit").onclick = () => {
    draft.value = text.textContent;
    draft.dataset.aiDraft = text.dataset.aiOutput;
    editor.hidden = false;
    draft.focus();
  };
  editor.onsubmit = (event) => {
    event.preventDefault();
    editor.hidden = true;
  };
  log.append(card);

  const response = await fetch("/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: question }] }),
  });
  // The handle names the answer in what the feedback script sends.
  text.dataset.aiOutput = response.headers.get("AI-Feedback-Handle") ?? "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece; !(piece = await reader.read()).done; ) {
    text.append(piece.value);
  }
};
