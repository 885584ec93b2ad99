/* A live auction: hear of each step, draw the board anew, count the turn down. Without this the board asks every few seconds. */
(() => {
  const live = document.getElementById("live");
  if (!live) return;

  const draw = () => {
    const board = document.getElementById("board");
    if (board && window.htmx) window.htmx.trigger(board, "step");
  };
  if (window.EventSource && live.dataset.stream) {
    const source = new EventSource(live.dataset.stream);
    source.addEventListener("step", draw);
    source.addEventListener("over", () => {
      source.close();
      draw();
    });
  }

  let shown = null;
  let ends = 0;
  const count = () => {
    const place = document.querySelector("#board [data-left]");
    if (!place) return;
    if (place !== shown) {
      shown = place;
      ends = performance.now() + Number(place.dataset.left) * 1000;
    }
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  };
  document.body.addEventListener("htmx:afterSwap", count);
  setInterval(count, 1000);
  count();
})();
