// Loaded in <head>, before the first paint: theme, rail and chosen columns are right from the first frame.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const read = (key) => {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  const keep = (key, value) => {
    try { localStorage.setItem(key, value); } catch { /* private window: it lasts for this page */ }
  };
  let theme = read("theme") || "auto";

  const apply = () => {
    const shown = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    if (root.dataset.bsTheme === shown) return;
    root.dataset.bsTheme = shown;
    document.dispatchEvent(new CustomEvent("themechange"));
  };

  root.classList.add("js");
  root.dataset.rail = read("rail") === "open" ? "open" : "closed";
  apply();
  dark.addEventListener("change", apply);

  window.huitou = {
    read, keep,
    theme: () => theme,
    setTheme(next) { theme = next; keep("theme", next); apply(); },
  };

  // Rules for columns, not attributes of cells: they hold for rows that are yet to come.
  const rules = new CSSStyleSheet();
  document.adoptedStyleSheets = [rules];
  const hidden = new Map();
  // In the menu, but in the list only for those who ask: a group beside the stage is one word too many.
  const hiddenAtFirst = { customers: ["group"] };
  const hide = (table, columns) => {
    hidden.set(table, columns);
    const cells = [...hidden].flatMap(([id, names]) => names.map((name) => `#${CSS.escape(id)} [data-col="${CSS.escape(name)}"]`));
    rules.replaceSync(cells.length ? `${cells.join()} { display: none; }` : "");
  };
  for (const [table, columns] of Object.entries(hiddenAtFirst)) hide(table, columns);
  const prefix = "columns:";
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) hide(key.slice(prefix.length), JSON.parse(read(key)));
    }
  } catch { /* nothing that can be read: the columns of the first time are shown */ }

  window.huitou.hiddenColumns = (table) => hidden.get(table) || [];
  window.huitou.hideColumns = (table, columns) => { hide(table, columns); keep(prefix + table, JSON.stringify(columns)); };
})();
