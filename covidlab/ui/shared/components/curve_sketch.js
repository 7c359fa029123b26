// A small pad on which a curve is drawn with mouse, finger or arrow keys, from the first epoch (left) to the last, 0 to 1.
// Drawn once, the server knows it; what really happened may lie over it. No library.

const WIDTH = 260, HEIGHT = 170, LEFT = 30, RIGHT = 250, TOP = 10, BOTTOM = 142, STEP = 0.05;
const pads = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const svg = parentElement.querySelector("svg");
  const pad = pads.get(svg) ?? begin(svg);
  pad.tell = (values) => setStateValue("sketch", values);
  if (pad.subject !== data.subject) Object.assign(pad, { subject: data.subject, values: null, place: 0 });
  pad.data = data;
  pad.values = data.editable ? pad.values ?? data.sketch : data.sketch;
  draw(pad);
}

function begin(svg) {
  const pad = { svg, values: null, place: 0, last: null };
  pads.set(svg, pad);
  svg.addEventListener("pointerdown", (event) => {
    if (!pad.data.editable) return;
    try { svg.setPointerCapture(event.pointerId); } catch { /* A pointer that is gone by now draws one point. */ }
    pad.values ??= Array(pad.data.points).fill(null);
    pad.last = null;
    move(pad, event);
  });
  svg.addEventListener("pointermove", (event) => pad.last && move(pad, event));
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => pad.last && finish(pad));
  svg.addEventListener("keydown", (event) => key(pad, event));
  svg.addEventListener("focus", () => draw(pad));
  svg.addEventListener("blur", () => draw(pad));
  return pad;
}

function move(pad, event) {
  const box = pad.svg.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * WIDTH, y = ((event.clientY - box.top) / box.height) * HEIGHT;
  const place = Math.round(((x - LEFT) / (RIGHT - LEFT)) * (pad.data.points - 1));
  const now = { place: clamp(place, 0, pad.data.points - 1), value: clamp((BOTTOM - y) / (BOTTOM - TOP), 0, 1) };
  const from = pad.last ?? now;
  // A quick stroke passes over points: they lie on the line.
  const steps = Math.abs(now.place - from.place);
  for (let step = 0; step <= steps; step += 1) {
    const part = steps ? step / steps : 1;
    pad.values[Math.round(from.place + (now.place - from.place) * part)] = round(from.value + (now.value - from.value) * part);
  }
  pad.last = now;
  draw(pad);
}

function finish(pad) {
  pad.last = null;
  const known = pad.values.map((value, place) => [value, place]).filter(([value]) => value !== null);
  pad.values = pad.values.map((value, place) => value ?? nearest(known, place));
  draw(pad);
  pad.tell(pad.values);
}

function nearest(known, place) {
  return known.reduce((best, one) => (Math.abs(one[1] - place) < Math.abs(best[1] - place) ? one : best))[0];
}

function key(pad, event) {
  const turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key], change = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
  if (!pad.data.editable || (!turn && !change)) return;
  event.preventDefault();
  if (turn) pad.place = clamp(pad.place + turn, 0, pad.data.points - 1);
  if (change) {
    pad.values ??= Array(pad.data.points).fill(0.5);
    pad.values[pad.place] = round(clamp((pad.values[pad.place] ?? 0.5) + change, 0, 1));
    pad.tell([...pad.values]);
  }
  draw(pad);
}

function draw(pad) {
  const { svg, data, values } = pad;
  svg.classList.toggle("editable", data.editable);
  svg.setAttribute("aria-label", data.alt);
  svg.tabIndex = data.editable ? 0 : -1;
  describe(pad);
  const parts = [];
  for (const level of [0, 0.5, 1]) {
    parts.push(made("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y(level), y2: y(level) }));
    parts.push(made("text", { x: LEFT - 6, y: y(level) + 4, "text-anchor": "end" }, plainNumber(level)));
  }
  parts.push(made("text", { x: LEFT, y: 162 }, data.first), made("text", { x: RIGHT, y: 162, "text-anchor": "end" }, data.last));
  if (data.actual) parts.push(line("actual", data.actual.map(([part, value]) => [x(part), y(value)])));
  if (values) {
    const points = values.map((value, place) => (value === null ? null : [x(place / (data.points - 1)), y(value)])).filter(Boolean);
    parts.push(line("sketch", points));
  } else if (data.editable) {
    parts.push(made("text", { x: (LEFT + RIGHT) / 2, y: y(0.75) + 4, "text-anchor": "middle" }, data.hint));
  }
  if (data.editable && svg.matches(":focus-visible")) {
    const level = values?.[pad.place] ?? 0.5;
    parts.push(made("circle", { cx: x(pad.place / (data.points - 1)), cy: y(level), r: 6 }));
  }
  svg.replaceChildren(...parts);
}

// What is drawn on is a slider of points, whose value a screen reader says as the arrows change it; else it is a picture.
function describe({ svg, data, values, place }) {
  if (!data.editable) {
    svg.setAttribute("role", "img");
    for (const name of [...svg.attributes].map((each) => each.name)) if (/^aria-(value|role)/.test(name)) svg.removeAttribute(name);
    return;
  }
  const epoch = Math.round(1 + (place / (data.points - 1)) * (data.epochs - 1)), value = values?.[place] ?? null;
  const said = value === null ? tr("epoch {epoch}: not drawn yet", { epoch }) : tr("epoch {epoch}: accuracy {value}", { epoch, value: decimals(value, 2) });
  const told = { role: "slider", "aria-roledescription": tr("2D slider"), "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": value ?? 0.5, "aria-valuetext": said };
  for (const [name, each] of Object.entries(told)) svg.setAttribute(name, each);
}

function line(name, points) {
  return made("polyline", { class: name, points: points.map((point) => point.map((number) => number.toFixed(1)).join(",")).join(" ") });
}

function made(kind, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

const x = (part) => LEFT + (RIGHT - LEFT) * part;
const y = (value) => BOTTOM - (BOTTOM - TOP) * value;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const round = (value) => Math.round(value * 100) / 100;
