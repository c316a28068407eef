// Draws what the tables of a dashboard say. Without this script, or without uPlot, the tables stay.
(() => {
  "use strict";
  if (typeof uPlot === "undefined") return;

  const COLOURS = ["#2f6bd8", "#c2410c", "#15803d", "#7e22ce", "#b45309", "#0e7490", "#be123c",
    "#4d7c0f", "#4338ca", "#a16207"];
  const changes = [...document.querySelectorAll(".changes [data-t]")].map((li) => Number(li.dataset.t));
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const told = (unit) => (value) => {
    if (value == null) return "–";
    return unit === "percentunit" ? `${(100 * value).toFixed(1)} %` : String(Number(value.toPrecision(4)));
  };

  // Columns whose names end alike belong to one thing and share its colour.
  const subject = (name) => name.replace(/^\S+ ?/, "");

  function draw(table) {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.tBodies[0].rows];
    const times = rows.map((row) => Number(row.cells[0].dataset.t));
    const columns = heads.map((_, at) =>
      rows.map((row) => {
        const value = row.cells[at + 1].dataset.v;
        return value === "" ? null : Number(value);
      }));
    const text = told(table.dataset.unit);
    const tick = (value) => table.dataset.unit === "percentunit" ? `${Number((100 * value).toPrecision(3))} %` : text(value);
    const subjects = [...new Set(heads.map((head) => subject(head.textContent)))];
    const counts = new Map();
    heads.forEach((head, at) => {
      if (head.dataset.draw === "told") counts.set(subject(head.textContent), columns[at]);
    });
    const series = [{ label: "time" }];
    const data = [times];
    // The ends of an interval stand behind their rate, and have its colour.
    let stroke = COLOURS[0];
    heads.forEach((head, at) => {
      const how = head.dataset.draw;
      // Among many lines the ends of their intervals would hide the lines; the table has them.
      if (how === "told" || (how === "thin" && subjects.length > 3)) return;
      const name = head.textContent;
      if (how !== "thin") {
        stroke = COLOURS[(subjects.length > 1 ? subjects.indexOf(subject(name)) : at) % COLOURS.length];
      }
      const n = counts.get(subject(name));
      series.push({
        label: name,
        stroke,
        width: how === "thin" ? 0.6 : 2,
        dash: { thin: [3, 3], dash: [10, 5] }[how],
        spanGaps: false,
        points: { show: how === "main" && times.length < 40 },
        paths: table.dataset.plot === "bars" ? uPlot.paths.bars({ size: [0.6, 60] }) : undefined,
        value: (_, value, __, index) =>
          text(value) + (n && index != null && n[index] != null && how === "main" ? `, n ${n[index]}` : ""),
      });
      data.push(columns[at]);
    });
    const [min, max] = [table.dataset.min, table.dataset.max];
    const axis = { stroke: ink("--quiet"), grid: { stroke: ink("--line"), width: 1 } };
    const place = table.closest("section").querySelector(".plot");
    const size = () => ({ width: Math.max(280, place.clientWidth), height: 240 });
    const chart = new uPlot({
      ...size(),
      series,
      scales: {
        y: {
          range: (_, low, high) => {
            const top = max === "" ? high : Math.min(Number(max), high * 1.1);
            const bottom = min === "" ? low : Math.min(Number(min), low);
            return top > bottom ? [bottom, top] : [bottom, bottom + 1];
          },
        },
      },
      axes: [axis, { ...axis, size: 60, values: (_, ticks) => ticks.map(tick) }],
      cursor: { drag: { x: false, y: false } },
      hooks: {
        draw: [(plot) => {
          const { ctx } = plot;
          ctx.save();
          ctx.strokeStyle = ink("--quiet");
          ctx.setLineDash([4, 4]);
          for (const time of changes) {
            const x = plot.valToPos(time, "x", true);
            if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
            ctx.beginPath();
            ctx.moveTo(x, plot.bbox.top);
            ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
            ctx.stroke();
          }
          ctx.restore();
        }],
      },
    }, data, place);
    table.closest("details").open = false;
    addEventListener("resize", () => chart.setSize(size()));
  }

  for (const table of document.querySelectorAll("table[data-plot]")) draw(table);
})();
