// Keys for the triage pages. Without this script the pages work by their buttons.
"use strict";

(() => {
  const rows = [...document.querySelectorAll("tr[data-incident]")];
  let chosen = -1;

  const choose = (to) => {
    if (rows.length === 0) return;
    if (chosen >= 0) rows[chosen].classList.remove("chosen");
    chosen = Math.max(0, Math.min(to, rows.length - 1));
    rows[chosen].classList.add("chosen");
    rows[chosen].scrollIntoView({ block: "nearest" });
    rows[chosen].querySelector("a").focus({ preventScroll: true });
  };

  const inList = (key) => {
    switch (key) {
      case "j": choose(chosen + 1); return true;
      case "k": choose(chosen - 1); return true;
      case "a":
        // Never one that nobody has looked at.
        if (chosen < 0) return false;
        rows[chosen].querySelector('button[value="acknowledge"]')?.click();
        return true;
    }
    return false;
  };

  const onIncident = (key) => {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (!target) return false;
    if (target.tagName === "BUTTON") {
      target.click();
    } else if (target.tagName === "DETAILS") {
      target.open = true;
      target.querySelector("select, input:not([type=hidden]), textarea").focus();
    } else {
      target.focus();
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "Escape" && typing) {
      typing.blur();
      return;
    }
    if (typing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!/^[a-z]$/.test(event.key)) return;
    if (rows.length ? inList(event.key) : onIncident(event.key)) event.preventDefault();
  });

  // One action a page, however long the answer takes.
  for (const form of document.querySelectorAll('form[method="post"]')) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
})();
