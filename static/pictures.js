/* Draws pictures on canvas from the JSON beside them. Without this file the table beside each picture says the same. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const places = (number) => number.toLocaleString(document.documentElement.lang || "en", { maximumFractionDigits: 6 });

const drawings = {
  /* demand against price: the price curve in the accent, what is wanted in grey, where the pool stands as a dot */
  curves(data) {
    const soft = colour("--soft"), lines = colour("--lines"), ink = colour("--ink"), accent = colour("--accent"), edge = colour("--edge");
    const face = getComputedStyle(document.body).fontFamily;
    const text = { color: soft, fontFamily: face, fontSize: 12 };
    const axis = (name, more) => ({
      type: "value", min: 0, name, nameLocation: "middle", nameTextStyle: text, axisLabel: { ...text, formatter: places, hideOverlap: true },
      axisLine: { show: true, lineStyle: { color: lines } }, splitLine: { lineStyle: { color: lines } }, ...more,
    });
    const last = data.steps[data.steps.length - 1];
    const dearest = Math.max(...data.steps.map((step) => step[1]));
    const curve = (name, points, color, more) => ({
      name, type: "line", data: points, showSymbol: false, silent: true, lineStyle: { color, width: 2 }, itemStyle: { color }, ...more,
    });
    const named = (label, position, color) => ({ show: true, formatter: label, position, color, fontFamily: face, fontSize: 12 });
    const wanted = [...data.wanted].sort((one, other) => other[1] - one[1] || one[0] - other[0]);
    return {
      animation: false,
      textStyle: { fontFamily: face },
      grid: { left: 16, right: 24, top: 24, bottom: 28, containLabel: true },
      xAxis: axis(data.words.x, { nameGap: 28, max: data.end, axisTick: { show: false } }),
      yAxis: axis(data.words.y, { nameGap: 48, max: (value) => Math.max(value.max, dearest) * 1.2 || 1 }),
      series: [
        curve(data.words.steps, [...data.steps, [data.end, last[1]]], accent, {
          step: "end",
          markPoint: { symbolSize: 0, silent: true, data: [{ coord: [data.end, last[1]], label: { ...named(data.words.steps, "insideBottomRight", accent), align: "right", offset: [0, 16] } }] },
        }),
        curve(data.words.wanted, wanted, edge, {
          showSymbol: true, symbol: "rect", symbolSize: 7,
          markPoint: { symbolSize: 0, silent: true, data: [{ coord: wanted[0], label: { ...named(data.words.wanted, "top", soft), align: wanted[0][0] > data.end / 2 ? "right" : "left", offset: [0, -6] } }] },
        }),
        ...(data.here ? [{
          type: "scatter", data: [data.here], symbolSize: 14, silent: true, itemStyle: { color: accent, borderColor: colour("--raised"), borderWidth: 2 }, z: 5,
          label: { ...named(`${data.words.here}: ${places(data.here[0])} × ${places(data.here[1])}`, data.here[0] > data.end / 2 ? "left" : "right", ink), fontWeight: 600, distance: 10, offset: [0, 18] },
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
