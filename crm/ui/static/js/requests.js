// htmx requests that fail say what happened and what to do; nothing on the page is replaced, so typed content stays.
(() => {
  const ui = window.huitou;
  const quiet = (event) => event.detail.elt?.closest?.("[data-poll-quiet]");

  const words = (status) => {
    if (status === 401) return "signedOut";
    if (status === 403) return "forbidden";
    if (status === 404 || status === 410) return "gone";
    if (status === 429) return "tooMany";
    return "serverError";
  };

  // The server may say it better: a problem+json body with a detail.
  const detail = (xhr) => {
    if (!xhr.getResponseHeader("Content-Type")?.includes("json")) return "";
    try { return JSON.parse(xhr.responseText).detail || ""; } catch { return ""; }
  };

  document.addEventListener("htmx:responseError", (event) => {
    if (quiet(event)) return;
    const { xhr } = event.detail;
    ui.toast(detail(xhr) || ui.words(words(xhr.status)), "error");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => { if (!quiet(event)) ui.toast(ui.words("offline"), "error"); });
  }

  // What asks by itself must not lead away from a page on which somebody is writing; their own next click will.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (quiet(event) && event.detail.xhr.getResponseHeader("HX-Redirect")) event.preventDefault();
  });

  // A log-in page instead of a part means the session ended: do not swap a whole page into a corner.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (!xhr.responseURL || !new URL(xhr.responseURL).pathname.startsWith("/accounts/")) return;
    event.detail.shouldSwap = false;
    if (!quiet(event)) ui.toast(ui.words("signedOut"), "error");
  });
})();
