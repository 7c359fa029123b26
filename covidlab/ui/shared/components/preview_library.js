
// What preview, fan and range test share: what the trainer has found so far (services/preview_routes.py), kept for all parts of
// the page; the sliders as they stand, also while they are dragged; small drawings as SVG.

const FIRST_ASK_MS = 1_000, LONGEST_ASK_MS = 5_000, FETCHES = 4;
const SLIDERS = { rate: "train_learning_rate", epochs: "train_epochs", batch: "train_batch_size" };

// One for each address, whichever part of the page asks first.
function foundAt(address) {
  const all = (globalThis.covidlabPreviews ??= new Map());
  if (!all.has(address)) {
    if (all.size > 4) all.clear();
    all.set(address, new Found(address));
  }
  return all.get(address);
}

class Found {
  constructor(address) {
    Object.assign(this, { address, listeners: new Set(), loaded: new Map(), stamps: {}, state: {}, wait: FIRST_ASK_MS });
    document.addEventListener("visibilitychange", () => document.hidden || this.timer === undefined || this.ask());
  }

  // Asks until all that was wanted is there; again from the beginning where something else is wanted.
  begin(wish) {
    if (this.wish === wish && this.timer === undefined && this.state.complete) return;
    if (this.wish === wish && this.timer !== undefined) return;
    this.wish = wish;
    this.wait = FIRST_ASK_MS;
    this.ask();
  }

  async ask() {
    clearTimeout(this.timer);
    this.timer = 0;
    const wish = this.wish;
    let complete = false;
    try {
      const answer = await fetch(this.address, { cache: "no-cache" });
      if (answer.ok) complete = await this.take(await answer.json());
    } catch {
      // The server is away; the next question may find it again.
    }
    if (wish !== this.wish) return;
    this.timer = undefined;
    if (complete || !this.listeners.size) return;
    this.timer = setTimeout(() => document.hidden || this.ask(), this.wait);
    this.wait = Math.min(LONGEST_ASK_MS, this.wait * 1.2);
  }

  async take(state) {
    const names = Object.keys(state.results).filter((name) => state.results[name] !== this.stamps[name]);
    if (names.length) this.wait = FIRST_ASK_MS;
    this.state = state;
    this.tell();
    names.sort((a, b) => this.urgency(b) - this.urgency(a));
    while (names.length) {
      await Promise.all(names.splice(0, FETCHES).map((name) => this.load(name, state.results[name])));
      this.tell();
    }
    return state.complete;
  }

  async load(name, stamp) {
    const answer = await fetch(`${this.address}/${name}?v=${stamp}`);
    if (!answer.ok) return;
    this.loaded.set(name, await answer.json());
    this.stamps[name] = stamp;
  }

  // What is on the sliders now comes first.
  urgency(name) {
    const { epochs, batch } = sliders();
    return 2 * name.includes(`-b${batch}`) + name.includes(`-e${epochs}`);
  }

  tell() {
    for (const listener of this.listeners) listener();
  }
}

// What the sliders say, also while they are dragged; what has no slider on the page is missing.
function sliders() {
  const values = {};
  for (const [name, key] of Object.entries(SLIDERS)) {
    const input = document.querySelector(`.st-key-${key} [aria-valuetext]`);
    // Written with the marks of the language.
    const value = Number.parseFloat(input?.getAttribute("aria-valuetext").replace(",", "."));
    if (Number.isFinite(value)) values[name] = value;
  }
  return values;
}

// Calls back whenever one of the sliders moves; returns how to stop.
function onSliders(call) {
  const keys = Object.values(SLIDERS).map((key) => `.st-key-${key}`).join(",");
  const observer = new MutationObserver((changes) => changes.some(({ target }) => target.closest?.(keys)) && call());
  observer.observe(document.body, { subtree: true, attributeFilter: ["aria-valuetext"] });
  return () => observer.disconnect();
}

function svgMade(kind, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

// Axes of a drawing: x from 0 to 1 by `across`, y by `up`, both given as parts of the frame.
class Frame {
  constructor(svg, { height, left = 34, right = 12, top = 8, bottom = 40 }) {
    const width = Math.max(220, svg.parentElement.clientWidth);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    Object.assign(this, { svg, width, height, left, right: width - right, top, bottom: height - bottom, parts: [] });
  }

  x(part) {
    return this.left + part * (this.right - this.left);
  }

  y(part) {
    return this.bottom - part * (this.bottom - this.top);
  }

  add(kind, attributes, text) {
    const part = svgMade(kind, attributes, text);
    this.parts.push(part);
    return part;
  }

  // Lines and names of values from 0 to 1.
  scale(values) {
    for (const value of values) {
      this.add("line", { class: "svg-grid", x1: this.left, x2: this.right, y1: this.y(value), y2: this.y(value) });
      this.add("text", { x: this.left - 6, y: this.y(value) + 4, "text-anchor": "end" }, plainNumber(value));
    }
  }

  tick(part, text) {
    this.add("text", { x: this.x(part), y: this.bottom + 18, "text-anchor": "middle" }, text);
  }

  title(text) {
    this.add("text", { x: (this.left + this.right) / 2, y: this.bottom + 35, "text-anchor": "middle", class: "svg-title" }, text);
  }

  heading(text) {
    this.headed = this.add("text", { x: this.left, y: 13, class: "svg-title" }, text);
  }

  // Points are [x, y], both parts of the frame; a null ends the line.
  line(points, attributes) {
    const whole = points.slice(0, endOf(points));
    if (whole.length === 1) return this.add("circle", { ...attributes, cx: this.x(whole[0][0]), cy: this.y(whole[0][1]), r: 3 });
    return this.add("polyline", { ...attributes, fill: "none", points: this.places(whole) });
  }

  band(low, high, attributes) {
    const end = Math.min(endOf(low), endOf(high));
    return this.add("polygon", { ...attributes, points: this.places([...low.slice(0, end), ...high.slice(0, end).reverse()]) });
  }

  places(points) {
    return points.map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`).join(" ");
  }

  show() {
    this.svg.replaceChildren(...this.parts);
    // A language may say it in more words than there is room for: nothing of them is cut off.
    const room = this.width - this.left - 2;
    if (!this.headed || this.headed.getComputedTextLength() <= room) return;
    this.headed.setAttribute("lengthAdjust", "spacingAndGlyphs");
    this.headed.setAttribute("textLength", room);
  }
}

function endOf(points) {
  const end = points.findIndex(([, y]) => y === null || y === undefined);
  return end < 0 ? points.length : end;
}

// As in runs/curve_axes.py: whole numbers, at most eleven, fewer where there is little room.
function epochTicks(epochs, most = 11) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100].find((each) => epochs / each < most) ?? 100;
  return Array.from({ length: Math.floor(epochs / step) + 1 }, (_, place) => place * step);
}

// Accuracy at the end of a curve, and its interval.
function lastOf(curve) {
  return [curve.accuracy.at(-1), curve.low.at(-1), curve.high.at(-1)];
}

function figureText(figure, n) {
  const [value, low, high] = figure.map((each) => decimals(each, 2));
  return tr("{value} (95 % interval {low} to {high}, n = {n})", { value, low, high, n });
}

// Over what a cross-validated figure is.
function overText({ num_heads: heads, num_repeats: repeats, by_patient: byPatient }) {
  const said = { splits: trMany(heads, "{number} split", "{number} splits"), repeats: trMany(repeats, "{number} repeat", "{number} repeats") };
  return byPatient ? tr("{splits}, median of {repeats}", said) : tr("{splits} by X-ray, median of {repeats}", said);
}

function xraysText(number) {
  return trMany(number, "{number} X-ray", "{number} X-rays");
}

function epochsText(number) {
  return trMany(number, "{number} epoch", "{number} epochs");
}

// A chart with a root, a draw and a slid of its own listens to what is found and to the sliders; its data is set before.
function follow(chart, { address, settings }) {
  const found = foundAt(address);
  if (found !== chart.found) chart.found?.listeners.delete(chart.draw);
  chart.found = found;
  found.listeners.add(chart.draw);
  found.begin(JSON.stringify(settings));
  chart.root.hidden = false;
  if (!chart.stop) {
    chart.stop = onSliders(chart.slid);
    chart.resized.observe(chart.root);
  }
  chart.draw();
}

// Streamlit lets a component rest and calls it again at every run of the page.
function leave(chart) {
  chart.found?.listeners.delete(chart.draw);
  chart.stop?.();
  chart.stop = null;
  chart.resized.disconnect();
}
