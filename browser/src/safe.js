/** The same function; nothing that it throws reaches the page. */
export const safe =
  (f) =>
  (...given) => {
    try {
      return f(...given);
    } catch {
      // Telemetry never breaks the page, not even one with frozen prototypes or replaced built-ins.
    }
  };

/** Listen to events, before the page's own listeners, which may be told where in a shadow root. */
export const on = safe((target, listeners) => {
  for (const name in listeners) {
    const listener = safe((event) => listeners[name](event, event.composedPath()));
    target.addEventListener(name, listener, true);
  }
});
