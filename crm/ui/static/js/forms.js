// Forms: copying, dropping files, and typed things that must not be lost.
(() => {
  const ui = window.huitou;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const value = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(value.textContent.trim());
      ui.toast(ui.words("copied"), "success");
    } catch {
      getSelection().selectAllChildren(value);
      ui.toast(ui.words("copyFailed"), "warning");
    }
  });

  const size = (bytes) =>
    new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(bytes / 1048576) + " MB";

  ui.each("[data-drop]", (zone) => {
    const input = zone.querySelector("input[type=file]");
    const name = zone.querySelector("[data-drop-name]");
    const error = zone.parentElement.querySelector("[data-drop-error]");
    const invitation = name.textContent;
    const over = (is) => zone.classList.toggle("is-over", is);
    zone.addEventListener("dragover", () => over(true));
    zone.addEventListener("dragleave", () => over(false));
    zone.addEventListener("drop", () => over(false));
    input.addEventListener("change", () => {
      const file = input.files[0];
      const limit = Number(zone.dataset.maxBytes || Infinity);
      const tooBig = Boolean(file) && file.size > limit;
      name.textContent = file ? `${file.name} · ${size(file.size)}` : invitation;
      error.hidden = !tooBig;
      error.querySelector("span").textContent = tooBig ? ui.words("fileTooBig", { size: size(limit) }) : "";
      input.setCustomValidity(tooBig ? error.textContent : "");
      input.toggleAttribute("aria-invalid", tooBig);
    });
  });

  // <form data-guard>: leaving with changed fields asks first.
  const changed = new Set();
  ui.each("form[data-guard]", (form) => {
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("reset", () => changed.delete(form));
    form.addEventListener("submit", () => changed.delete(form));
    form.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) changed.delete(form); });
  });
  addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });

  // Who signed in again in another tab has a new token, and this page still holds the old. Before htmx reads the form.
  // That may be somebody else by now: so whoever gets the new token says for whom the page was made, and the server
  // (PersonMiddleware) refuses what another would have sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const field = form.querySelector("input[name=csrfmiddlewaretoken]");
    const token = document.cookie.match(/(?:^|; )csrftoken=(\w+)/)?.[1];
    if (!field || document.body.dataset.person === undefined) return;
    if (token) field.value = token;
    const mark = form.querySelector("input[name=made_for]") ?? document.createElement("input");
    Object.assign(mark, { type: "hidden", name: "made_for", value: document.body.dataset.person });
    form.append(mark);
  }, true);

  // Whoever was signed out meanwhile is led to the log-in and from there to an empty form: it gets its text back. So
  // does the form that was refused as another person's: browsers may forget what was typed into a page of no cache.
  const draft = {
    read() { try { return JSON.parse(sessionStorage.getItem("draft")); } catch { return null; } },
    keep(value) { try { sessionStorage.setItem("draft", JSON.stringify(value)); } catch { /* full or forbidden */ } },
  };
  const path = (form) => new URL(form.action).pathname;
  const typed = (form) => form.querySelectorAll("textarea, input[type=text]");
  const sent = draft.read();
  const refused = location.pathname.startsWith("/accounts/") || document.querySelector("[data-not-sent]");
  if (sent && refused) draft.keep({ ...sent, refused: true });
  else if (sent) draft.keep(null);
  if (sent?.refused && !refused) {
    const form = [...document.querySelectorAll("form[data-guard]")].find((each) => path(each) === sent.path);
    for (const field of form ? typed(form) : []) if (field.name in sent.typed) field.value = sent.typed[field.name];
    if (form) {
      changed.add(form);
      form.closest("dialog:not([open])")?.showModal();
      ui.toast(ui.words("notSent"), "warning");
    }
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-guard]") || event.defaultPrevented) return;
    draft.keep({ path: path(form), typed: Object.fromEntries([...typed(form)].map((field) => [field.name, field.value])) });
  });

  // A second click on the same button must not send the form twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sending && !event.defaultPrevented) return event.preventDefault();
    if (form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
    form.dataset.sending = "1";
    addEventListener("pageshow", () => delete form.dataset.sending, { once: true });
    setTimeout(() => delete form.dataset.sending, 4000);
  });

  // <fieldset data-ticks>: its buttons tick all boxes within or none, also those of groups inside; without us they hide.
  ui.each("[data-ticks]", (group) => {
    const tools = group.querySelector("[data-ticks-tools]");
    const boxes = () => [...group.querySelectorAll("input[type=checkbox]")];
    const told = tools.querySelector("[data-ticks-count]");
    const tell = () => {
      const count = boxes().filter((box) => box.checked).length;
      if (told) told.textContent = ui.words("ticked", { count, all: boxes().length });
    };
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const button = event.target.closest("[data-ticks-set]");
      if (!button) return;
      for (const box of boxes()) box.checked = button.dataset.ticksSet === "all";
      button.dispatchEvent(new Event("change", { bubbles: true }));
    });
    group.addEventListener("change", tell);
    tell();
  });

  // What is said of a select's choice, <… data-said-of="<id>">, is true of the one the page came with only.
  ui.each("[data-said-of]", (said) => {
    const select = document.getElementById(said.dataset.saidOf);
    const initial = select.value;
    select.addEventListener("change", () => { said.hidden = select.value !== initial; });
  });

  // Selects and ticks that send their form at once: data-autosubmit.
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-autosubmit]")) event.target.form.requestSubmit();
  });
})();
