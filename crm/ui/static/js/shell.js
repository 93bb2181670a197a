// The frame: rail, menus, dialogs and sheets, theme choice, shortcuts.
(() => {
  const ui = window.huitou;
  const root = document.documentElement;

  // Rail
  const toggle = document.querySelector("[data-rail-toggle]");
  const showRail = () => toggle?.setAttribute("aria-expanded", String(root.dataset.rail === "open"));
  toggle?.addEventListener("click", () => {
    root.dataset.rail = root.dataset.rail === "open" ? "closed" : "open";
    ui.keep("rail", root.dataset.rail);
    hideTip();
    showRail();
  });
  showRail();

  // A closed rail names the icon that is pointed at or focused.
  const tip = document.createElement("div");
  tip.className = "rail-tip";
  tip.setAttribute("aria-hidden", "true");
  const hideTip = () => tip.remove();
  const showTip = (event) => {
    const item = event.target.closest?.(".rail [data-tip]");
    if (!item || root.dataset.rail === "open") return hideTip();
    const box = item.getBoundingClientRect();
    tip.textContent = item.dataset.tip;
    tip.style.top = `${box.top + box.height / 2 - 14}px`;
    document.body.append(tip);
  };
  document.addEventListener("mouseover", showTip);
  document.addEventListener("focusin", showTip);

  // Menus: one at a time, closed by a click elsewhere or Esc.
  const openMenus = () => document.querySelectorAll("details.menu[open], details.hint[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  });

  // Theme
  const markTheme = () => {
    for (const button of document.querySelectorAll("[data-set-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setTheme === ui.theme()));
    }
  };
  markTheme();

  // Dialogs and sheets
  const open = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    dialog.showModal();
    // Into the field that is to be filled, not onto the button that closes.
    dialog.querySelector("textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])")?.focus();
  };
  const quiet = document.querySelector("[data-quiet-actions]");
  const home = quiet?.parentElement;
  const sheet = document.getElementById("actions-sheet");
  sheet?.addEventListener("close", () => home?.prepend(quiet));

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-dialog-open], [data-dialog-close], [data-set-theme], [data-actions-sheet]");
    if (target?.dataset.setTheme) { ui.setTheme(target.dataset.setTheme); markTheme(); }
    else if (target?.dataset.dialogOpen) {
      if (sheet?.open) sheet.close();
      open(target.dataset.dialogOpen);
    }
    else if (target?.hasAttribute("data-actions-sheet")) { sheet.append(quiet); sheet.showModal(); }
    else if (target) target.closest("dialog").close();
    // A click on the backdrop lands on the dialog itself.
    else if (event.target.matches?.("dialog") && outside(event)) event.target.close();
  });
  const outside = (event) => {
    const box = event.target.getBoundingClientRect();
    return event.clientY < box.top || event.clientY > box.bottom || event.clientX < box.left || event.clientX > box.right;
  };

  // Tabs wider than a phone begin with the one that is open.
  ui.each(".tabs", (tabs) => {
    const open = tabs.querySelector("[aria-current]");
    if (open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
  });

  // Shortcuts
  const singleKeys = document.querySelector("[data-single-keys]");
  if (singleKeys) {
    singleKeys.checked = ui.read("single-keys") !== "off";
    singleKeys.addEventListener("change", () => ui.keep("single-keys", singleKeys.checked ? "on" : "off"));
  }
  const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  const search = () => { const field = document.querySelector("[data-search]"); field?.focus(); field?.select(); return Boolean(field); };
  // In the search field the arrows walk the hits, and Enter on a hit opens it; Esc leaves the search.
  const hits = document.getElementById("search-results");
  document.querySelector("form.search[role=search]")?.addEventListener("keydown", (event) => {
    const field = document.querySelector("[data-search]");
    if (event.key === "Escape") { hits?.replaceChildren(); field.blur(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [field, ...(hits?.querySelectorAll("a[href]") || [])];
    if (!step || stops.length < 2) return;
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  let afterG = -Infinity;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      if (search()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (singleKeys && !singleKeys.checked) return;
    if (event.key === "/") { if (search()) event.preventDefault(); }
    else if (event.key === "?") open("shortcuts");
    else if (event.key === "g") afterG = event.timeStamp;
    else if (event.timeStamp - afterG < 1500) {
      afterG = -Infinity;
      const link = document.querySelector(`[data-goto="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); event.stopImmediatePropagation(); link.click(); }
    }
    else {
      // A button's own letter: data-key="n". What is not shown is not pressed.
      const button = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find((each) => each.offsetParent);
      if (button) { event.preventDefault(); button.click(); }
    }
  });
})();
