// What the other scripts share: words in the page's language, toasts, and "run this on every new piece of page".
(() => {
  const ui = window.huitou;
  const data = document.getElementById("words");
  const dictionary = data ? JSON.parse(data.textContent) : {};

  ui.words = (key, values = {}) =>
    (dictionary[key] || key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // kind: info, success, warning, error. Errors stay until closed: they say what to do.
  ui.toast = (text, kind = "info") => {
    const list = document.getElementById("toasts");
    const shape = document.getElementById("toast-shape");
    if (!list || !shape) return;
    const same = [...list.children].find((each) => each.querySelector(".toast-words").textContent === text);
    if (same) same.remove();
    const note = shape.content.firstElementChild
      ? shape.content.firstElementChild.cloneNode(true)
      : shape.content.cloneNode(true).firstElementChild;
    note.className = `toast-note note-${kind}`;
    note.querySelector(".toast-words").textContent = text;
    list.append(note);
    if (kind === "info" || kind === "success") setTimeout(() => note.remove(), 6000);
  };

  // Runs now and after each htmx swap, once for each element.
  ui.each = (selector, run) => {
    const seen = new WeakSet();
    const look = (within) => {
      const found = within.matches?.(selector) ? [within] : [];
      for (const element of [...found, ...within.querySelectorAll(selector)]) {
        if (seen.has(element)) continue;
        seen.add(element);
        run(element);
      }
    };
    look(document);
    document.addEventListener("htmx:load", (event) => look(event.target));
  };

  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-toast-close]")?.closest("[data-toast]").remove();
  });
  ui.each("#toasts .note-success, #toasts .note-info", (note) => setTimeout(() => note.remove(), 6000));
  // An answer may carry HX-Trigger: {"toast": {"text": "…", "kind": "success"}}.
  document.addEventListener("toast", (event) => ui.toast(event.detail.text, event.detail.kind));
})();
