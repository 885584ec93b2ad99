/* Draws pictures on canvas from the JSON beside them. Without this file the table beside each picture says the same. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const places = (number) => number.toLocaleString(document.documentElement.lang || "en", { maximumFractionDigits: 6 });

/* the next number above that an axis may end at */
const round = (number) => {
  const step = 10 ** Math.floor(Math.log10(number)) / 5;
  return number > 0 ? Number((Math.ceil(number / step) * step).toPrecision(12)) : 0;
};

const drawings = {
  /* demand against price: the price curve in the accent, what is wanted in grey, where the pool stands as a dot */
  curves(data) {
    const soft = colour("--soft"), lines = colour("--lines"), ink = colour("--ink"), accent = colour("--accent"), edge = colour("--edge");
    const face = getComputedStyle(document.body).fontFamily;
    const text = { color: soft, fontFamily: face, fontSize: 12 };
    const axis = (name, more) => ({
      type: "value", min: 0, name, nameTextStyle: text, axisLabel: { ...text, formatter: places, hideOverlap: true },
      axisLine: { show: true, lineStyle: { color: lines } }, splitLine: { lineStyle: { color: lines } }, ...more,
    });
    const last = data.steps[data.steps.length - 1];
    const end = round(data.end);
    const top = round(1.2 * Math.max(...data.steps.map((step) => step[1]))) || 1;
    const curve = (name, points, color, more) => ({
      name, type: "line", data: points, showSymbol: false, silent: true, lineStyle: { color, width: 2 }, itemStyle: { color }, ...more,
    });
    const named = (label, position, color) => ({ show: true, formatter: label, position, color, fontFamily: face, fontSize: 12 });
    const wanted = [...data.wanted].sort((one, other) => other[1] - one[1] || one[0] - other[0]);
    const most = wanted[wanted.length - 1];
    const leftward = most[0] > end / 2;
    return {
      animation: false,
      textStyle: { fontFamily: face },
      grid: { left: 16, right: 24, top: 36, bottom: 28, containLabel: true },
      xAxis: axis(data.words.x, { nameLocation: "middle", nameGap: 28, max: end, axisTick: { show: false } }),
      yAxis: axis(data.words.y, { nameLocation: "end", nameGap: 12, max: top, nameTextStyle: { ...text, align: "left", padding: [0, 0, 0, -24] } }),
      series: [
        curve(data.words.steps, [...data.steps, [end, last[1]]], accent, {
          step: "end",
          markPoint: { symbolSize: 0, silent: true, data: [{ coord: [end, last[1]], label: { ...named(data.words.steps, "bottom", accent), align: "right", offset: [0, 4] } }] },
        }),
        curve(data.words.wanted, wanted, edge, {
          step: "start", showSymbol: true, symbol: "rect", symbolSize: 7,
          markPoint: { symbolSize: 0, silent: true, data: [{ coord: [most[0], last[1] * 0.4], label: named(data.words.wanted, leftward ? "left" : "right", soft) }] },
        }),
        /* below the cheapest step at least as much is wanted */
        curve("", [most, [most[0], 0]], edge, { lineStyle: { color: edge, width: 2, type: "dashed" } }),
        ...(data.here ? [{
          type: "scatter", data: [data.here], symbolSize: 14, silent: true, itemStyle: { color: accent, borderColor: colour("--raised"), borderWidth: 2 }, z: 5,
          /* below the cheapest step, where no line runs through it */
          markPoint: { symbolSize: 0, silent: true, data: [{ coord: [data.here[0], last[1] * 0.78], label: { ...named(`${data.words.here}: ${places(data.here[0])} × ${places(data.here[1])}`, leftward ? "left" : "right", ink), fontWeight: 600, backgroundColor: colour("--raised"), padding: 2 } }] },
        }] : []),
      ],
    };
  },
};

const drawn = new Map();
const draw = (place) => {
  const data = JSON.parse(document.getElementById(place.dataset.picture).textContent);
  const picture = drawn.get(place) || window.echarts.init(place, null, { renderer: "canvas" });
  drawn.set(place, picture);
  picture.setOption(drawings[data.kind](data), true);
};
const drawAll = () => {
  if (!window.echarts) return;
  for (const place of document.querySelectorAll("[data-picture]")) {
    place.classList.add("alive");
    draw(place);
    new ResizeObserver(() => drawn.get(place).resize()).observe(place);
  }
};
drawAll();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const place of drawn.keys()) draw(place); });
