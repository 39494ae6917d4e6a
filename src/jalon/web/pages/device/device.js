// Replaces each chart drawn by the server with one that can be pointed at and that grows.
// The values are read from the table beside it: one source, two presentations.
(() => {
  "use strict";
  // The server writes English dates the European way; the charts follow it.
  const language = document.documentElement.lang === "en" ? "en-GB" : "fr-FR";
  const charts = new Map();

  const colour = (name) => {
    const probe = document.createElement("i");
    probe.className = "probe-" + name;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };

  const values = (panel) => {
    const body = panel.querySelector("tbody[data-rows]");
    const raw = body.dataset.rows === "raw";
    const columns = [[], [], [], []];
    for (const row of body.rows) {
      const cells = [...row.querySelectorAll("data")].map((one) => Number(one.value));
      const [low, mean, high] = raw ? [cells[0], cells[0], cells[0]] : cells;
      columns[0].push(Number(row.dataset.t) / 1000);
      columns[1].push(low ?? null);
      columns[2].push(mean ?? null);
      columns[3].push(high ?? null);
    }
    return columns;
  };

  // A value that never moved stands in the middle, as on the server's chart.
  const around = (low, high) => {
    if (low == null) return [0, 1];
    if (low < high) return uPlot.rangeNum(low, high, 0.1, true);
    const margin = Math.abs(low) * 0.1 || 1;
    return [low - margin, high + margin];
  };

  const draw = (panel) => {
    const plot = panel.querySelector("[data-plot]");
    const zone = panel.dataset.zone;
    const ink = colour("ink"), rule = colour("rule"), line = colour("line"), band = colour("band");
    const span = panel.dataset.end - panel.dataset.start;
    const clock = new Intl.DateTimeFormat(language, span > 2 * 864e5
      ? { day: "numeric", month: "short", timeZone: zone }
      : { hour: "2-digit", minute: "2-digit", timeZone: zone });
    const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: zone });
    const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
    const font = "12px system-ui, sans-serif";
    const show = (_, value) => (value == null ? "–" : number.format(value));
    const axis = { stroke: ink, font, grid: { stroke: rule, width: 1 }, ticks: { show: false } };
    const edge = { stroke: "transparent", points: { show: false }, value: show };
    const columns = values(panel);
    const bucketed = panel.querySelector("tbody[data-rows]").dataset.rows === "buckets";
    const options = {
      width: plot.clientWidth,
      height: 240,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      cursor: { drag: { x: false, y: false } },
      hooks: { setCursor: [(chart) => chart.root.classList.toggle("pointed", chart.cursor.idx != null)] },
      legend: { live: true },
      scales: {
        x: { range: () => [panel.dataset.start / 1000, panel.dataset.end / 1000] },
        y: { range: (_, low, high) => around(low, high) },
      },
      axes: [
        { ...axis, size: 32, values: (_, splits) => splits.map((one) => clock.format(one * 1000)) },
        { ...axis, size: 56, values: (_, splits) => splits.map((one) => number.format(one)) },
      ],
      series: [
        { label: plot.dataset.time, value: (_, at) => (at == null ? "–" : full.format(at * 1000)) },
        { ...edge, label: plot.dataset.low, show: bucketed },
        { label: plot.dataset.label, stroke: line, width: 2, points: { size: 4, fill: line }, value: show },
        { ...edge, label: plot.dataset.high, show: bucketed },
      ],
      bands: bucketed ? [{ series: [3, 1], fill: band }] : [],
    };
    charts.get(panel)?.chart.destroy();
    plot.querySelector("svg")?.remove();
    charts.set(panel, { chart: new uPlot(options, columns, plot), columns });
  };

  const drawAll = () => {
    for (const plot of document.querySelectorAll("[data-plot]")) draw(plot.closest("[data-panel]"));
  };

  const append = (panel, one) => {
    const now = Date.parse(one.time);
    const shown = panel.querySelector("[data-now-time]");
    if (shown && now <= Date.parse(shown.dateTime)) return; // known already
    panel.querySelector("[data-now]").textContent = one.text;
    if (shown) {
      shown.dateTime = one.time;
      shown.textContent = one.when;
    }
    const body = panel.querySelector("tbody[data-rows]");
    const known = charts.get(panel);
    if (!("live" in panel.dataset) || !body || typeof one.value !== "number") return;
    const row = body.insertRow();
    row.dataset.t = now;
    const head = document.createElement("th");
    head.scope = "row";
    const time = document.createElement("time");
    time.dateTime = one.time;
    time.textContent = one.clock;
    head.append(time);
    row.append(head);
    for (let count = body.dataset.rows === "raw" ? 1 : 3; count > 0; count--) {
      const data = document.createElement("data");
      data.value = one.value;
      data.textContent = one.text;
      row.insertCell().append(data);
    }
    const length = panel.dataset.end - panel.dataset.start;
    panel.dataset.end = Math.max(panel.dataset.end, now);
    panel.dataset.start = panel.dataset.end - length;
    while (body.rows.length && Number(body.rows[0].dataset.t) < Number(panel.dataset.start)) body.deleteRow(0);
    if (!known) return;
    known.columns = values(panel);
    known.chart.setData(known.columns);
  };

  document.addEventListener("jalon:values", ({ detail }) => {
    for (const one of detail) {
      const panel = document.querySelector(`[data-panel="${CSS.escape(one.property)}"]`);
      if (panel) append(panel, one);
    }
    const seen = document.querySelector("time[data-seen]");
    if (seen && Date.parse(detail[0].time) > Date.parse(seen.dateTime)) {
      seen.dateTime = detail[0].time;
      seen.textContent = detail[0].clock;
    }
  });

  let waiting;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const [panel, { chart }] of charts)
        chart.setSize({ width: panel.querySelector("[data-plot]").clientWidth, height: 240 });
    }, 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
})();
