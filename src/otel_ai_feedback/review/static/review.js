// Keys for the review page. Without this script the page works by its buttons.
"use strict";

(() => {
  const form = document.getElementById("verdict");
  const live = document.getElementById("live");
  let bad = false;
  let sent = false;

  const say = (text) => {
    live.textContent = text;
  };
  const press = (value) => form.querySelector(`button[name="verdict"][value="${value}"]`).click();
  const ticked = () =>
    form.querySelector('input[name="mode"]:checked') !== null || form.elements.new_mode.value.trim() !== "";

  // One label a page, however long the answer takes.
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    say("Sent.");
  });
  // Back from another page, which kept this one as it was.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  const askForModes = () => {
    bad = true;
    form.classList.add("is-bad");
    say("Bad. What went wrong first? Tick by number, then Enter.");
  };

  const number = (digit) => {
    const box = form.querySelector(`input[data-number="${digit}"]`);
    if (!box) return false;
    box.checked = !box.checked;
    say(`${box.value}: ${box.checked ? "chosen" : "not chosen"}.${bad ? " Enter sends." : ""}`);
    return true;
  };

  const key = (name) => {
    if (/^[1-9]$/.test(name)) return number(name);
    switch (name) {
      case "g": press("good"); return true;
      case "u": press("unsure"); return true;
      case "r": press("unreadable"); return true;
      case "b":
        if (bad || ticked()) press("bad");
        else askForModes();
        return true;
      case "Enter":
        if (!bad) return false;
        press("bad");
        return true;
    }
    const focused = form.querySelector(`[data-focus="${name}"]`);
    if (focused) {
      focused.focus();
      return true;
    }
    const pressed = document.querySelector(`[data-key="${CSS.escape(name)}"]`);
    if (!pressed) return false;
    pressed.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    const at = event.target;
    const typing = at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && at.type !== "checkbox");
    if (typing) {
      if (event.key === "Escape") {
        at.blur();
        event.preventDefault();
      } else if (event.key === "Enter" && at.name === "new_mode") {
        event.preventDefault();
        if (at.value.trim()) press("bad");
        else at.blur();
      }
      return;
    }
    // Enter on a button or link is that one's own.
    if (event.key === "Enter" && at.closest("button, a, summary")) return;
    if (key(event.key)) event.preventDefault();
  });
})();
