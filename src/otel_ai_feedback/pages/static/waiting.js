// Loads the waiting page again, unless someone is reading it with the keyboard or selecting text.
setInterval(() => {
  const reading = document.activeElement !== document.body || !getSelection().isCollapsed
  if (!document.hidden && !reading) location.reload()
}, 5000)
