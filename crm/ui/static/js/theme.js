// Loaded in <head>, before the first paint: the theme and the rail are right from the first frame.
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
})();
