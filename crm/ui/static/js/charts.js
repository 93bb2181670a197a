// Charts: <figure data-chart="bars|line|heat|sankey|funnel|decile" data-source="#id of a json_script">.
// The formats of the data are in docs/ui.md. ECharts is fetched when the first chart comes near the screen.
(() => {
  const ui = window.huitou;
  const lang = document.documentElement.lang || "en";
  const charts = new Map();
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // ---- words and colours ----------------------------------------------------------------------------------------

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = (name, fallback) => (name ? token(`--${name}`) || fallback : fallback);

  // format: {kind: "money", currency} in minor units, {kind: "percent"} as 0–1, {kind: "number"}
  const formatter = (format = {}, short = false) => {
    const options = short ? { notation: "compact", maximumFractionDigits: 1 } : {};
    if (format.kind === "money") {
      const money = { style: "currency", currency: format.currency };
      const digits = new Intl.NumberFormat(lang, money).resolvedOptions().maximumFractionDigits;
      const write = new Intl.NumberFormat(lang, { ...money, ...options, ...(short ? { minimumFractionDigits: 0 } : {}) });
      return (value) => write.format(value / 10 ** digits);
    }
    const percent = { style: "percent", maximumFractionDigits: short ? 0 : 1 };
    const plain = { maximumFractionDigits: format.digits ?? 0, ...options };
    const write = new Intl.NumberFormat(lang, format.kind === "percent" ? percent : plain);
    return (value) => write.format(value);
  };

  const style = () => ({
    ink: token("--ink"), soft: token("--ink-2"), line: token("--line"), card: token("--card"),
    previous: token("--series-previous"),
    series: [1, 2, 3, 4].map((n) => token(`--series-${n}`)),
    heat: [...Array(9).keys()].map((n) => token(`--heat-${n}`)),
    heatLow: token("--heat-ink-low"), heatHigh: token("--heat-ink-high"),
    font: token("--sans"),
  });

  const text = (s, more = {}) => ({ color: s.soft, fontFamily: s.font, fontSize: 12, ...more });

  // ---- tooltip: built of elements, since the page's policy forbids style attributes -------------------------------

  const row = (name, value, shade) => {
    const line = document.createElement("div");
    line.className = "chart-tip-row";
    if (shade) {
      const dot = line.appendChild(document.createElement("span"));
      dot.className = "chip-dot";
      dot.style.color = shade;
    }
    line.append(name);
    const figure = line.appendChild(document.createElement("span"));
    figure.className = "tip-value";
    figure.textContent = value;
    return line;
  };
  const tip = (title, rows, note) => {
    const box = document.createElement("div");
    box.className = "chart-tip";
    const head = box.appendChild(document.createElement("div"));
    head.className = "chart-tip-title";
    head.textContent = title;
    box.append(...rows);
    if (note) {
      const foot = box.appendChild(document.createElement("div"));
      foot.className = "chart-tip-note";
      foot.textContent = note;
    }
    return box;
  };
  const tooltip = (s, more) => ({
    confine: true, backgroundColor: s.card, borderColor: s.line, borderWidth: 1, padding: [8, 12],
    textStyle: text(s, { color: s.ink }), transitionDuration: 0, ...more,
  });
  const change = (now, before) => {
    if (!before) return "";
    const signed = new Intl.NumberFormat(lang, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 });
    return `${ui.words("change")} ${signed.format((now - before) / before)}`;
  };

  // ---- axes -------------------------------------------------------------------------------------------------------

  const categories = (s, names, more = {}) => ({
    type: "category", data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: s.line } },
    axisLabel: text(s, { hideOverlap: true, margin: 10 }), ...more,
  });
  const amounts = (s, write, more = {}) => ({
    type: "value", splitNumber: 3, axisLabel: text(s, { formatter: write }),
    splitLine: { lineStyle: { color: s.line } }, axisLine: { show: false }, axisTick: { show: false }, ...more,
  });
  const frame = (more = {}) => ({ left: 4, right: 12, top: 28, bottom: 4, containLabel: true, ...more });

  // ---- the kinds --------------------------------------------------------------------------------------------------

  const seriesTip = (s, data, exact) => tooltip(s, {
    trigger: "axis", axisPointer: { type: "line", lineStyle: { color: s.line } },
    formatter: (points) => {
      const at = points[0].dataIndex;
      const rows = data.series.map((each, n) => ({ each, shade: shade(s, each, n), value: each.values[at] }))
        .filter(({ value }) => value !== null && value !== undefined)
        .map(({ each, shade: c, value }) => row(each.name, exact(value), c));
      const before = data.series.find((each) => each.previous)?.values[at];
      const now = data.series.filter((each) => !each.previous).reduce((sum, each) => sum + (each.values[at] || 0), 0);
      if (data.totalName) rows.splice(data.series.filter((each) => !each.previous).length, 0, row(data.totalName, exact(now)));
      return tip(data.categories[at], rows, [change(now, before), data.notes?.[at]].filter(Boolean).join(" · "));
    },
  });
  const shade = (s, each, n) => (each.previous ? s.previous : colour(each.color, s.series[n % s.series.length]));

  // Names of the series stand at the top as coloured words, in the order they are stacked or drawn.
  // Where they are wider than the chart they go on below.
  const pen = document.createElement("canvas").getContext("2d");
  const nameLines = (s, data, width) => {
    pen.font = `12px ${s.font}`;
    const lines = [[]];
    let used = 0;
    for (const [n, each] of data.series.entries()) {
      const wide = pen.measureText(`● ${each.name}    `).width;
      if (used && used + wide > width) { lines.push([]); used = 0; }
      lines.at(-1).push(n);
      used += wide;
    }
    return lines;
  };
  const names = (s, data, lines) => data.series.length < 2 ? [] : [{
    type: "text", left: 4, top: 0, silent: true,
    style: {
      lineHeight: 18,
      text: lines.map((line) => line.map((n) => `{d${n}|${data.series[n].previous ? "┄" : "●"}} {n|${data.series[n].name}}`).join("    ")).join("\n"),
      rich: Object.assign({ n: { fill: s.soft, fontSize: 12, fontFamily: s.font } },
        ...data.series.map((each, n) => ({ [`d${n}`]: { fill: shade(s, each, n), fontSize: 10, fontFamily: s.font } }))),
    },
  }];

  const previousLine = (s, each) => ({
    type: "line", name: each.name, data: each.values, symbol: "none", z: 4,
    lineStyle: { color: s.previous, type: "dashed", width: 1.5 }, itemStyle: { color: s.previous },
  });

  const bars = (s, data, width) => {
    const exact = formatter(data.format);
    const lines = nameLines(s, data, width);
    const now = data.series.filter((each) => !each.previous);
    return {
      graphic: names(s, data, lines), grid: frame({ top: data.series.length > 1 ? 14 + 18 * lines.length : 12 }),
      tooltip: seriesTip(s, data, exact),
      xAxis: categories(s, data.categories), yAxis: amounts(s, formatter(data.format, true)),
      series: data.series.map((each, n) => each.previous ? previousLine(s, each) : {
        // Nothing is no bar: the edge of one without height would cut the axis.
        type: "bar", name: each.name, data: each.values.map((value) => value || null), stack: data.stacked ? "all" : undefined,
        barMaxWidth: 36, barCategoryGap: "32%", cursor: data.urls ? "pointer" : "default",
        itemStyle: {
          color: shade(s, each, n), borderColor: s.card, borderWidth: data.stacked ? 1 : 0,
          borderRadius: !data.stacked || each === now[now.length - 1] ? [3, 3, 0, 0] : 0,
        },
      }),
    };
  };

  const line = (s, data) => {
    const exact = formatter(data.format);
    const band = data.band ? [
      { type: "line", data: data.band.low, stack: "band", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } },
      {
        type: "line", data: data.band.high.map((high, n) => high === null ? null : high - data.band.low[n]), stack: "band",
        symbol: "none", silent: true, lineStyle: { opacity: 0 }, areaStyle: { color: s.series[0], opacity: 0.14 },
      },
    ] : [];
    return {
      grid: frame({ right: 96, top: 12 }), tooltip: seriesTip(s, data, exact),
      xAxis: categories(s, data.categories, { boundaryGap: false }), yAxis: amounts(s, formatter(data.format, true)),
      series: [...data.series.map((each, n) => ({
        type: "line", name: each.name, data: each.values, symbol: "circle", symbolSize: 6, showSymbol: false, z: each.previous ? 2 : 3,
        lineStyle: { color: shade(s, each, n), width: each.previous ? 1.5 : 2, type: each.previous ? "dashed" : "solid" },
        itemStyle: { color: shade(s, each, n) },
        endLabel: text(s, { show: true, formatter: "{a}", color: each.previous ? s.soft : s.ink, width: 88, overflow: "truncate", offset: each.values.at(-1) === null ? [-52, -14] : [0, 0] }),
        labelLayout: { moveOverlap: "shiftY" },
      })), ...band],
    };
  };

  const heat = (s, data) => {
    const exact = formatter(data.format);
    const top = Math.max(1, ...data.cells.map((cell) => cell.value || 0));
    const step = (cell) => Math.min(8, Math.floor((cell.value / top) * 9));
    return {
      grid: frame({ top: 4, right: 4, bottom: data.xName ? 24 : 4, left: data.yName ? 32 : 4 }),
      tooltip: tooltip(s, {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const cell = data.cells[dataIndex];
          const facts = cell.detail || [[data.name || "", exact(cell.value)]];
          return tip(cell.title || `${data.y[cell.y]} · ${data.x[cell.x]}`, facts.map(([name, value]) => row(name, value)));
        },
      }),
      xAxis: categories(s, data.x, { name: data.xName, nameLocation: "middle", nameGap: 28, nameTextStyle: text(s), axisLine: { show: false } }),
      yAxis: categories(s, data.y, { name: data.yName, nameLocation: "middle", nameGap: 24, nameTextStyle: text(s), axisLine: { show: false } }),
      series: [{
        type: "heatmap", cursor: data.cells.some((cell) => cell.url) ? "pointer" : "default",
        data: data.cells.map((cell) => ({
          value: [cell.x, cell.y, cell.value],
          itemStyle: { color: s.heat[step(cell)], borderColor: s.card, borderWidth: 2, borderRadius: 4 },
          label: { show: true, formatter: cell.label ?? exact(cell.value), color: step(cell) > 4 ? s.heatHigh : s.heatLow, fontFamily: s.font, fontSize: 12, lineHeight: 17 },
        })),
        emphasis: { itemStyle: { borderColor: s.ink, borderWidth: 1.5 } },
      }],
    };
  };

  const funnel = (s, data) => {
    const exact = formatter(data.format);
    const total = data.steps.reduce((sum, each) => sum + each.value, 0) || 1;
    const share = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 0 });
    return {
      grid: frame({ top: 0, bottom: 0, right: 96 }),
      tooltip: tooltip(s, {
        trigger: "item",
        formatter: ({ dataIndex }) => {
          const each = data.steps[dataIndex];
          return tip(each.name, [row(data.name || "", exact(each.value)), ...(each.detail || []).map(([k, v]) => row(k, v))], share.format(each.value / total));
        },
      }),
      xAxis: { type: "value", show: false },
      yAxis: categories(s, data.steps.map((each) => each.name), { inverse: true, axisLine: { show: false }, axisLabel: text(s, { color: s.ink, fontSize: 13 }) }),
      series: [{
        type: "bar", barWidth: "58%", cursor: data.steps.some((each) => each.url) ? "pointer" : "default",
        data: data.steps.map((each, n) => ({ value: each.value, itemStyle: { color: colour(each.color, s.series[0]), borderRadius: 3 } })),
        label: text(s, {
          show: true, position: "right", color: s.ink,
          formatter: ({ dataIndex, value }) => `${exact(value)}  {soft|${share.format(data.steps[dataIndex].value / total)}}`,
          rich: { soft: { color: s.soft, fontSize: 12 } },
        }),
      }],
    };
  };

  const sankey = (s, data) => {
    const exact = formatter(data.format);
    const shown = new Map(data.nodes.map((node) => [node.key, node]));
    return {
      tooltip: tooltip(s, {
        trigger: "item",
        formatter: ({ dataType, data: each, value }) => dataType === "edge"
          ? tip(`${shown.get(each.source).name} → ${shown.get(each.target).name}`, [row(data.name || "", exact(each.value))])
          : tip(shown.get(each.name).name, [row(data.name || "", exact(value))]),
      }),
      series: [{
        type: "sankey", left: 4, right: 128, top: 8, bottom: 8, nodeWidth: 10, nodeGap: 14, draggable: false, layoutIterations: 0,
        emphasis: { focus: "adjacency" }, lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        data: data.nodes.map((node) => ({ name: node.key, depth: node.depth, itemStyle: { color: colour(node.color, s.series[0]), borderWidth: 0 } })),
        links: data.links,
        label: text(s, { color: s.ink, textBorderColor: s.card, textBorderWidth: 3, formatter: ({ name }) => shown.get(name).name }),
      }],
    };
  };

  const decile = (s, data) => {
    const exact = formatter(data.format);
    const both = { ...data, series: [{ name: data.actualName, values: data.actual }, { name: data.forecastName, values: data.forecast, previous: true }] };
    const base = bars(s, both);
    if (data.xName) {
      base.xAxis = categories(s, data.categories, { name: data.xName, nameLocation: "middle", nameGap: 28, nameTextStyle: text(s) });
      base.grid = frame({ top: 32, bottom: 24 });
    }
    base.series[1] = {
      type: "line", name: data.forecastName, data: data.forecast, symbol: "rect", symbolSize: [22, 3], z: 4,
      lineStyle: { color: s.ink, type: "dashed", width: 1.25 }, itemStyle: { color: s.ink },
    };
    base.tooltip = tooltip(s, {
      trigger: "axis", axisPointer: { type: "line", lineStyle: { color: s.line } },
      formatter: ([{ dataIndex: at }]) => tip(data.categories[at], [
        row(data.actualName, exact(data.actual[at]), s.series[0]), row(data.forecastName, exact(data.forecast[at]), s.ink),
      ], change(data.actual[at], data.forecast[at])),
    });
    return base;
  };

  const kinds = { bars, line, heat, funnel, sankey, decile };

  // What opens when a mark is clicked.
  const address = (kind, data, mark) => {
    if (kind === "heat") return data.cells[mark.dataIndex]?.url;
    if (kind === "funnel") return data.steps[mark.dataIndex]?.url;
    if (kind === "sankey") return mark.data?.url ?? data.nodes.find((node) => node.key === mark.name)?.url;
    return data.series?.find((each) => each.name === mark.seriesName)?.urls?.[mark.dataIndex] ?? data.urls?.[mark.dataIndex];
  };

  // ---- life -------------------------------------------------------------------------------------------------------

  let fetching = null;
  const library = () => {
    fetching ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = document.body.dataset.echarts;
      script.onload = () => done(window.echarts);
      script.onerror = () => { fetching = null; failed(new Error("echarts")); };
      document.head.append(script);
    });
    return fetching;
  };

  const view = (figure, name) => {
    figure.dataset.view = name;
    for (const button of figure.querySelectorAll("[data-chart-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.chartView === name));
    }
    if (name === "chart") charts.get(figure)?.chart.resize();
  };

  // Which charts are shown as tables stands in the address: reload and the back button give the same view.
  const keep = () => {
    const address = new URL(location.href);
    address.searchParams.delete("table");
    for (const figure of document.querySelectorAll("[data-chart][data-view=table]")) address.searchParams.append("table", figure.id);
    history.replaceState(history.state, "", address);
  };

  const draw = (figure) => {
    const { chart, kind, data } = charts.get(figure);
    const s = style();
    chart.setOption({ animation: !still.matches, animationDuration: 300, textStyle: { fontFamily: s.font }, ...kinds[kind](s, data, chart.getWidth()) }, true);
  };

  const start = async (figure) => {
    const plot = figure.querySelector(".chart-plot");
    const data = JSON.parse(document.querySelector(figure.dataset.source).textContent);
    let echarts;
    try { echarts = await library(); } catch { return view(figure, "table"); }
    if (!figure.isConnected) return;
    const chart = echarts.init(plot, null, { renderer: "canvas" });
    charts.set(figure, { chart, kind: figure.dataset.chart, data });
    draw(figure);
    chart.on("click", (mark) => {
      const url = address(figure.dataset.chart, data, mark);
      if (url) location.assign(url);
    });
    let width = chart.getWidth();
    new ResizeObserver(() => {
      if (!plot.clientWidth) return;
      chart.resize();
      if (chart.getWidth() === width) return;
      width = chart.getWidth();
      draw(figure);
    }).observe(plot);
    figure.dataset.ready = "1";
  };

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      start(entry.target);
    }
  }, { rootMargin: "400px" });

  ui.each("[data-chart]", (figure) => near.observe(figure));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-chart-view]");
    if (!button) return;
    view(button.closest("[data-chart]"), button.dataset.chartView);
    keep();
  });
  document.addEventListener("htmx:replacedInHistory", keep);
  document.addEventListener("themechange", () => { for (const figure of charts.keys()) draw(figure); });
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    const found = charts.get(event.target);
    if (found) { found.chart.dispose(); charts.delete(event.target); }
  });
})();
