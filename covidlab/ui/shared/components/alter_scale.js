// One X-ray with more or less of a change: a slider, the picture, the number, and the curve of the figures over all X-rays.

const scales = new WeakMap();
const amounts = new Map();
const FIGURES = ["accuracy", "sensitivity", "specificity"];

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".alter");
  if (!scales.has(root)) scales.set(root, new Scales(root));
  const part = scales.get(root);
  part.set(data);
  part.resized.observe(root);
  return () => {
    part.answered.end();
    part.resized.disconnect();
  };
}

class Scales {
  constructor(root) {
    this.root = root;
    this.xray = root.querySelector(".alter-xray");
    this.slider = root.querySelector(".alter-size input");
    this.svg = root.querySelector("svg");
    this.answered = new Answered(root);
    this.resized = new ResizeObserver(() => this.data && this.drawCurve());
    this.slider.addEventListener("input", () => this.move(Number(this.slider.value)));
  }

  set(data) {
    const isNew = this.data?.subject !== data.subject;
    this.data = data;
    this.state = amounts.get(data.key) ?? { scale: data.scales[0].name, values: {} };
    amounts.set(data.key, this.state);
    if (isNew) {
      this.root.querySelector(".alter-picture").style.aspectRatio = data.aspect;
      this.drawTools();
      this.answered.begin(data, this.asked());
    } else {
      this.answered.resume(this.asked());
    }
    this.choose(this.state.scale, false);
  }

  get scale() {
    return this.data.scales.find(({ name }) => name === this.state.scale);
  }

  get value() {
    return this.state.values[this.state.scale] ?? this.scale.neutral;
  }

  asked() {
    return `${this.state.scale}:${numberText(this.value)}`;
  }

  drawTools() {
    const group = this.root.querySelector(".alter-tools");
    group.setAttribute("aria-label", this.data.words.tools);
    const buttons = this.data.scales.map(({ name, label }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: label });
      button.setAttribute("role", "radio");
      button.dataset.tool = name;
      button.addEventListener("click", () => this.choose(name, true));
      return button;
    });
    group.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const place = buttons.findIndex(({ dataset }) => dataset.tool === this.state.scale);
      const next = buttons[(place + step + buttons.length) % buttons.length];
      this.choose(next.dataset.tool, true);
      next.focus();
    };
    group.replaceChildren(...buttons);
  }

  choose(name, asks) {
    this.state.scale = name;
    const { values, step, label } = this.scale;
    Object.assign(this.slider, { min: values[0], max: values.at(-1), step });
    this.slider.value = this.value;
    this.slider.setAttribute("aria-label", label);
    for (const button of this.root.querySelectorAll(".alter-tools button")) {
      const isChosen = button.dataset.tool === name;
      button.setAttribute("aria-checked", isChosen);
      button.tabIndex = isChosen ? 0 : -1;
    }
    this.show(asks);
  }

  move(value) {
    this.state.values[this.state.scale] = value;
    this.show(true);
  }

  show(asks) {
    const { unit, label } = this.scale;
    const amount = `${label} ${plainNumber(this.value)}${unit}`;
    const change = this.asked();
    this.root.querySelector(".alter-size span").textContent = amount;
    this.slider.setAttribute("aria-valuetext", amount);
    const picture = pictureOf(this.data, change);
    if (this.wanted !== picture) this.picture(picture);
    this.xray.alt = `${this.data.alt}: ${amount}`;
    if (asks) this.answered.ask(change);
    this.drawCurve();
  }

  // The newest picture, one at a time.
  picture(wanted) {
    this.wanted = wanted;
    if (this.loading) return;
    this.loading = true;
    const load = new Image();
    load.onload = load.onerror = () => {
      this.loading = false;
      this.xray.src = wanted;
      if (this.wanted !== wanted) this.picture(this.wanted);
    };
    load.src = wanted;
  }

  drawCurve() {
    const { curve, no_curve } = this.scale;
    this.root.querySelector(".alter-curve").hidden = !curve;
    const absent = this.root.querySelector(".alter-no-curve");
    absent.hidden = Boolean(curve);
    absent.textContent = no_curve;
    if (!curve) return;
    const { values, unit, label } = this.scale;
    const span = values.at(-1) - values[0];
    const part = (value) => (value - values[0]) / span;
    const points = (of) => curve.values.map((value, place) => [part(value), of[place]]);
    const frame = new Frame(this.svg, { height: 210, top: 24 });
    frame.heading(curve.heading);
    frame.scale([0, 0.25, 0.5, 0.75, 1]);
    for (const value of ticksOf(curve.values, part, frame.width)) frame.tick(part(value), `${plainNumber(value)}${unit}`);
    frame.title(label);
    frame.band(points(curve.accuracy.low), points(curve.accuracy.high), { class: "curve-band" });
    for (const name of [...FIGURES].reverse()) frame.line(points(curve[name].value), { class: `curve-${name}` });
    const [now, top] = [frame.x(part(this.value)), frame.top];
    frame.add("line", { class: "curve-now", x1: now, x2: now, y1: top, y2: frame.bottom });
    frame.show();
    this.svg.setAttribute("aria-label", curve.alt);
    this.root.querySelector("figcaption").replaceChildren(...FIGURES.flatMap((name) => keyOf(name)), textOf("p", curve.caption));
  }
}

// As text.py, decimal_text, for the few decimals of a slider: how the server is asked.
function numberText(value) {
  return String(Number(Number(value).toFixed(4)));
}

// Those that do not lie upon each other.
function ticksOf(values, part, width) {
  const shown = [];
  for (const value of values) if (!shown.length || (part(value) - part(shown.at(-1))) * width > 34) shown.push(value);
  return shown;
}

function keyOf(name) {
  const key = document.createElement("span");
  key.className = `curve-key curve-key-${name}`;
  return [key, { accuracy: tr("accuracy"), sensitivity: tr("sensitivity"), specificity: tr("specificity") }[name]];
}

function textOf(kind, text) {
  const element = document.createElement(kind);
  element.textContent = text;
  return element;
}
