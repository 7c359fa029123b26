// Loss against learning rate, as the range test found it, with the rate it suggests.

const REST_MS = 1_000, HEIGHT = 260;
const ranges = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rate-range");
  if (!ranges.has(root)) ranges.set(root, new RateRange(root));
  const range = ranges.get(root);
  range.tell = () => setTriggerValue("found", Date.now());
  range.update(data);
  return () => range.rest();
}

class RateRange {
  constructor(root) {
    this.root = root;
    this.draw = this.draw.bind(this);
    this.resized = new ResizeObserver(this.draw);
  }

  update(data) {
    clearTimeout(this.resting);
    this.data = data;
    const found = foundAt(data.address);
    if (found !== this.found) this.found?.listeners.delete(this.draw);
    this.found = found;
    found.listeners.add(this.draw);
    found.begin(`${JSON.stringify(data.settings)} range ${data.known}`);
    this.root.hidden = false;
    this.resized.observe(this.root);
    this.draw();
  }

  rest() {
    this.resting = setTimeout(() => {
      this.found?.listeners.delete(this.draw);
      this.resized.disconnect();
    }, REST_MS);
  }

  draw() {
    const { batch } = this.data.settings, { state } = this.found;
    const range = this.found.loaded.get(`range-b${batch}`);
    const note = this.root.querySelector(".rate-range-note");
    const text = range ? "" : state.failure || state.sentence || tr("The trainer is asked for the range test.");
    if (note.textContent !== text) note.textContent = text;
    this.root.querySelector(".rate-range-chart").style.display = range ? "" : "none";
    if (!range || !this.root.clientWidth) return;
    // The page draws what is suggested, and the button that takes it over.
    if (!this.data.known && this.told !== this.found.address + batch) {
      this.told = this.found.address + batch;
      this.tell();
    }
    this.drawRange(range);
  }

  drawRange({ rates, losses, smoothed, suggested, nearest }) {
    const svg = this.root.querySelector("svg");
    const frame = new Frame(svg, { height: HEIGHT, top: 44 });
    frame.heading(tr("loss of each step, and smoothed"));
    const lowest = Math.log10(rates[0]), span = -lowest;
    // Twice the first loss is seen; what is higher leaves the chart.
    const top = niceTop(Math.max(...smoothed.slice(0, 5), Math.min(...smoothed)) * 2);
    const across = (rate) => (Math.log10(rate) - lowest) / span;
    for (let part = 0; part <= 4; part += 1) {
      const y = frame.y(part / 4);
      frame.add("line", { class: "svg-grid", x1: frame.left, x2: frame.right, y1: y, y2: y });
      frame.add("text", { x: frame.left - 6, y: y + 4, "text-anchor": "end" }, plainNumber((top * part) / 4, 2));
    }
    for (let power = Math.ceil(lowest); power <= 0; power += 1) {
      if (frame.width > 480 || power % 2 === 0) frame.tick((power - lowest) / span, plainNumber(10 ** power, Math.max(0, -power)));
    }
    frame.title(tr("learning rate"));
    rates.forEach((rate, place) => losses[place] <= top && frame.add("circle", { class: "rate-range-one", cx: frame.x(across(rate)), cy: frame.y(losses[place] / top), r: 2.5 }));
    const beyond = smoothed.findIndex((loss, place) => loss > top && place > 5);
    const seen = beyond < 0 ? smoothed : smoothed.slice(0, beyond);
    frame.line(seen.map((loss, place) => [across(rates[place]), Math.min(1, loss / top)]), { class: "rate-range-line" });
    const words = suggested === null ? tr("no rate is suggested") : tr("suggested rate {rate}", { rate: shortRate(suggested) });
    if (suggested !== null) {
      const x = frame.x(across(suggested)), isRight = across(suggested) > 0.6;
      frame.add("line", { class: "rate-range-mark", x1: x, x2: x, y1: frame.top - 6, y2: frame.bottom });
      frame.add("text", { class: "rate-range-name", x: x + (isRight ? -6 : 6), y: frame.top - 8, "text-anchor": isRight ? "end" : "start" }, words);
    }
    frame.show();
    const said = { low: shortRate(rates[0]), high: shortRate(rates.at(-1)), words, nearest: nearest === null ? "" : plainNumber(nearest) };
    svg.setAttribute("aria-label", nearest === null ? tr("Loss against learning rate from {low} to {high}: {words}.", said) : tr("Loss against learning rate from {low} to {high}: {words}, nearest on the slider {nearest}.", said));
  }
}

function niceTop(value) {
  return [0.5, 1, 1.5, 2, 3, 5, 8, 10, 20, 50].find((each) => each >= value) ?? value;
}

// Two digits that count, without an exponent.
function shortRate(rate) {
  return plainNumber(rate, Math.max(0, 1 - Math.floor(Math.log10(rate))));
}
