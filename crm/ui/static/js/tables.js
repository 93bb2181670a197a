// Lists: ticking rows, the bulk bar, remembered columns, moving by j and k.
(() => {
  const ui = window.huitou;

  // <table id data-picks> with .tick checkboxes; the bar carries data-bulk="<table id>".
  ui.each("[data-bulk]", (bar) => {
    const table = document.getElementById(bar.dataset.bulk);
    if (!table) return;
    const ticks = () => [...table.querySelectorAll("tbody .tick input")];
    const head = () => table.querySelector("thead .tick input");
    const all = bar.querySelector("[data-bulk-all]");
    let last = null;

    const show = () => {
      const picked = ticks().filter((tick) => tick.checked);
      for (const tick of ticks()) tick.closest("tr").classList.toggle("is-picked", tick.checked);
      bar.hidden = picked.length === 0;
      if (head()) {
        head().checked = picked.length > 0 && picked.length === ticks().length;
        head().indeterminate = picked.length > 0 && !head().checked;
      }
      if (all && picked.length < ticks().length) all.checked = false;
      count();
    };
    const count = () => {
      const picked = ticks().filter((tick) => tick.checked).length;
      const words = all?.checked ? all.labels[0].textContent.trim() : ui.words("selected", { count: picked });
      bar.querySelector("[data-bulk-count]").textContent = words;
    };
    // Shift-click ticks everything between.
    table.addEventListener("click", (event) => {
      const tick = event.target.closest("tbody .tick input");
      if (!tick) return;
      const list = ticks();
      if (event.shiftKey && last) {
        const [from, to] = [list.indexOf(last), list.indexOf(tick)].sort((a, b) => a - b);
        for (const between of list.slice(from, to + 1)) between.checked = tick.checked;
      }
      last = tick;
    });
    table.addEventListener("change", (event) => {
      if (event.target === head()) for (const tick of ticks()) tick.checked = head().checked;
      show();
    });
    table.addEventListener("htmx:afterSwap", show);
    all?.addEventListener("change", count);
    bar.querySelector("[data-bulk-clear]").addEventListener("click", () => {
      for (const tick of ticks()) tick.checked = false;
      show();
    });
    show();
  });

  ui.each("[data-columns]", (menu) => {
    const table = menu.dataset.columns;
    for (const box of menu.querySelectorAll("input")) box.checked = !ui.hiddenColumns(table).includes(box.value);
    menu.addEventListener("change", ({ target }) => {
      const others = ui.hiddenColumns(table).filter((name) => name !== target.value);
      ui.hideColumns(table, target.checked ? others : [...others, target.value]);
    });
  });

  // j and k walk the rows of the first list, x ticks, Enter opens.
  let at = null;
  document.addEventListener("keydown", (event) => {
    const on = event.target.tagName;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(on) || ui.read("single-keys") === "off") return;
    // Enter on a button or link does what that button or link says.
    if (event.key === "Enter" && /^(BUTTON|A|SUMMARY)$/.test(on)) return;
    const rows = [...(document.querySelector("table[data-rows]")?.tBodies[0]?.rows || [])];
    if (!rows.length) return;
    if (event.key === "j" || event.key === "k") {
      at?.classList.remove("is-focused");
      const next = rows.indexOf(at) + (event.key === "j" ? 1 : -1);
      at = rows[Math.max(0, Math.min(rows.length - 1, next))];
      at.classList.add("is-focused");
      at.scrollIntoView({ block: "nearest" });
    } else if (event.key === "x" && at) at.querySelector(".tick input")?.click();
    else if (event.key === "Enter" && at) at.querySelector("a[href]")?.click();
  });
})();
