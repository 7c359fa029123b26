// The X-rays as dots: where each stands at an epoch, and how they are drawn. The pictures come in one sheet.

const CELL = 48;
const SHEET_COLUMNS = 20;
const LANE_GAP = 10;
const MOST_DOT = 40;
const LARGE_DOT = 64;
// Smaller than that a picture says nothing.
const LEAST_PICTURE = 14;

class DotField {
  constructor(canvas) {
    this.canvas = canvas;
  }

  // told: the probabilities; source: the X-rays, which may be those of the set as long as a run has none.
  show(told, source, pictures, redraw) {
    const names = source.films.file.join("\n");
    const others = this.names !== names, begins = this.told && !this.told.epochs.length && told.epochs.length;
    if (this.films && (others || begins || this.told.run !== told.run)) this.keepSpots();
    // The same X-rays, as of the set and of the run on it, have the same pictures.
    if (others || !this.sheet) this.loadSheet(pictures, source.thumbnails, redraw);
    this.sheetOf = pictures;
    Object.assign(this, { told, source, films: source.films, names });
    this.swarm = null;
    this.order = drawingOrder(source.films);
    this.patients = Map.groupBy ? Map.groupBy(source.films.patient.keys(), (index) => source.films.patient[index]) : groupedBy(source.films.patient);
  }

  // From here the X-rays move on.
  keepSpots() {
    if (this.spots) this.morphFrom = new Map(this.films.file.map((file, index) => [file, this.spots[index]]));
    this.morphAt = null;
  }

  async loadSheet(place, count, redraw) {
    if (this.loading === place) return;
    this.sheet = this.cells = null;
    this.loading = place;
    if (!count) return;
    const sheet = new Image();
    sheet.src = `${place}/sprite`;
    // Without the pictures the dots are plain.
    await sheet.decode().catch(() => {});
    if (this.loading !== place) return;
    this.loading = null;
    if (!sheet.naturalWidth) return;
    this.sheet = sheet;
    redraw();
  }

  get waits() {
    return !this.told.epochs.length;
  }

  moves(now) {
    return Boolean(this.morphFrom) && now - (this.morphAt ?? now) < MORPH_MS;
  }

  samePatient(index) {
    const patient = this.films.patient[index];
    return patient ? this.patients.get(patient) : [index];
  }

  // How much of the height are labels and the axis, not lanes.
  besideLanes(size) {
    const lanes = Math.max(2, this.source?.lanes.length ?? 2);
    return (this.waits ? 0 : size + 8) + lanes * (size + 9 + LANE_GAP) - LANE_GAP + size * 2 + 18;
  }

  measure(look) {
    const width = this.canvas.clientWidth, lanes = this.source.lanes.length;
    const label = look.size + 9, axis = look.size * 2 + 18, top = this.waits ? 0 : look.size + 8;
    const body = Math.max(look.large ? 110 : 64, Math.round(look.lanesHeight / Math.max(2, lanes)));
    const perLane = Math.max(1, ...this.source.lanes.map((_, lane) => this.films.lane.filter((each) => each === lane).length));
    const size = Math.sqrt((width * body * 0.22) / perLane);
    const dot = Math.max(5, Math.min(look.large ? LARGE_DOT : MOST_DOT, size, body / 3));
    // Room beyond 0 and 1 for those that crowd there.
    const crowd = Math.ceil(perLane / Math.floor(body / dot)) * dot * LEAST_PITCH;
    const pad = Math.max(look.large ? 34 : 22, dot / 2 + 6, Math.min(0.15 * width, crowd + dot / 2));
    const tops = this.source.lanes.map((_, lane) => top + lane * (label + body + LANE_GAP) + label);
    const height = tops.at(-1) + body + axis;
    const measures = { width, height, dot, pad, body, tops, label, axis };
    if (JSON.stringify(measures) !== JSON.stringify(this.measures)) {
      this.measures = measures;
      this.swarm = this.cells = null;
    }
    return measures;
  }

  morphed(spots, now) {
    if (!this.morphFrom) return spots;
    this.morphAt ??= now;
    const part = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : Math.min(1, (now - this.morphAt) / MORPH_MS);
    if (part === 1) {
      this.morphFrom = this.morphAt = null;
      return spots;
    }
    const eased = 1 - (1 - part) ** 3;
    const from = spots.map((spot, index) => this.morphFrom.get(this.films.file[index]) ?? spot);
    return between(from, spots, eased);
  }

  x(probability) {
    const { pad, width } = this.measures;
    return pad + probability * (width - 2 * pad);
  }

  draw({ now, look, at, chosen }) {
    this.canvas.parentElement.hidden = !this.films?.file.length;
    if (this.canvas.parentElement.hidden || !this.canvas.clientWidth) return;
    const measures = this.measure(look);
    const context = fitted(this.canvas, measures.height);
    this.drawGround(context, look);
    this.swarm ??= new Swarm(this.told, this.source, measures);
    this.spots = this.morphed(this.swarm.at(at), now);
    this.makeCells();
    const family = chosen === null ? null : new Set(this.samePatient(chosen));
    if (family?.size > 1) this.drawFamily(context, look, [...family]);
    for (const index of this.order) {
      context.globalAlpha = family && !family.has(index) ? 0.25 : 1;
      if (index !== chosen) this.drawDot(context, look, index);
    }
    context.globalAlpha = 1;
    if (chosen !== null) this.drawDot(context, look, chosen, 1.25);
    this.drawLabels(context, look, at);
  }

  drawGround(context, look) {
    const { width, height, tops, body, axis } = this.measures;
    const line = this.x(this.told.threshold);
    tops.forEach((top, lane) => {
      context.fillStyle = faded(look.text, 0.05);
      context.fillRect(0, top, width, body);
      if (this.waits) return;
      context.fillStyle = hatching(context, faded(look.text, 0.22));
      if (lane === 0) context.fillRect(0, top, line, body);
      else context.fillRect(line, top, width - line, body);
    });
    if (this.waits) return;
    context.lineWidth = 1;
    context.strokeStyle = faded(look.text, 0.3);
    for (const tick of [0, 1]) tops.forEach((top) => upright(context, this.x(tick), top, top + body));
    context.lineWidth = 2;
    context.strokeStyle = faded(look.text, 0.8);
    tops.forEach((top) => upright(context, line, top, top + body));
    upright(context, line, height - axis, height - axis + 5);
  }

  drawLabels(context, look, at) {
    const { width, height, tops, axis } = this.measures;
    const { lanes } = this.source;
    context.textBaseline = "alphabetic";
    lanes.forEach((name, lane) => {
      context.font = look.font(600);
      context.fillStyle = look.text;
      context.textAlign = "left";
      context.fillText(name, 2, tops[lane] - 5);
      const told = this.waits ? this.countOf(lane) : this.sideOf(lane, at);
      const left = context.measureText(name).width + 12;
      context.font = look.font();
      const fits = told.find((text) => left + context.measureText(text).width < width);
      if (fits) context.fillText(fits, left, tops[lane] - 5);
    });
    context.font = look.font();
    context.textAlign = "center";
    context.fillStyle = faded(look.text, 0.85);
    if (this.waits) return context.fillText(tr("The probability of each X-ray is known once a run has begun."), width / 2, height - axis + look.size + 8, width);
    const [called, other] = lanes.map((name) => tr("called {name}", { name }));
    const not = lanes.length === 2 ? other : tr("called another class");
    const line = this.x(this.told.threshold);
    context.textAlign = "right";
    context.fillText(`← ${not}`, line - 8, look.size);
    context.textAlign = "left";
    context.fillText(`${called} →`, line + 8, look.size);
    context.textAlign = "center";
    const below = height - axis + look.size + 5;
    const point = tr("{threshold} operating point", { threshold: shortNumber(this.told.threshold) });
    const room = context.measureText(point).width / 2 + look.size * 1.6;
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) if (Math.abs(this.x(tick) - line) > room) context.fillText(plainNumber(tick), this.x(tick), below);
    context.font = look.font(600);
    context.fillText(point, line, below);
    context.font = look.font();
    context.fillText(tr("probability of {name}", { name: lanes[0] }), width / 2, below + look.size + 7);
  }

  countOf(lane) {
    const count = this.films.lane.filter((each) => each === lane).length;
    return [trMany(count, "{number} X-ray", "{number} X-rays")];
  }

  // How many are on their side of the operating point, in words that get shorter.
  sideOf(lane, at) {
    const sides = this.sides(at)[lane];
    return [
      tr("{right} of {total} on their side, of these in validation {validationRight} of {validation}", sides),
      tr("{right} of {total} on their side (validation {validationRight} of {validation})", sides),
      tr("{right} of {total} on their side", sides),
    ];
  }

  sides(at) {
    const { epochs, probabilities, threshold } = this.told;
    const row = probabilities[Math.max(0, epochs.findLastIndex((epoch) => epoch <= at + 1e-6))];
    return this.source.lanes.map((_, lane) => {
      const sums = { right: 0, total: 0, validationRight: 0, validation: 0 };
      this.films.lane.forEach((each, index) => {
        if (each !== lane) return;
        const isRight = row[index] >= threshold === (lane === 0);
        const inValidation = this.films.validation[index];
        sums.total += 1;
        sums.right += isRight;
        sums.validation += inValidation;
        sums.validationRight += isRight && inValidation;
      });
      return sums;
    });
  }

  // Round pictures of the size they are drawn in, made once.
  makeCells() {
    const { dot } = this.measures;
    if (this.cells || !this.sheet || dot < LEAST_PICTURE) return;
    const side = Math.ceil(dot * 1.25 * devicePixelRatio);
    const cells = document.createElement("canvas");
    const count = this.films.file.length;
    cells.width = side * Math.min(count, SHEET_COLUMNS);
    cells.height = side * Math.ceil(count / SHEET_COLUMNS);
    const context = cells.getContext("2d");
    for (let index = 0; index < count; index++) {
      const column = index % SHEET_COLUMNS, row = Math.floor(index / SHEET_COLUMNS);
      context.save();
      context.beginPath();
      context.arc((column + 0.5) * side, (row + 0.5) * side, side / 2, 0, 2 * Math.PI);
      context.clip();
      context.drawImage(this.sheet, column * CELL, row * CELL, CELL, CELL, column * side, row * side, side, side);
      context.restore();
    }
    this.cells = { canvas: cells, side };
  }

  drawDot(context, look, index, scale = 1) {
    const { x, y } = this.spots[index];
    const { dot } = this.measures;
    const radius = (dot / 2) * scale, inValidation = this.films.validation[index];
    context.beginPath();
    context.arc(x, y, radius - 1, 0, 2 * Math.PI);
    if (this.cells) {
      const { canvas, side } = this.cells;
      context.drawImage(canvas, (index % SHEET_COLUMNS) * side, Math.floor(index / SHEET_COLUMNS) * side, side, side, x - radius, y - radius, 2 * radius, 2 * radius);
      context.lineWidth = inValidation ? Math.max(2.5, dot / 12) : 1;
      context.strokeStyle = inValidation ? look.validation : faded(look.text, 0.5);
      context.stroke();
    } else {
      context.fillStyle = inValidation ? look.validation : faded(look.text, 0.55);
      context.fill();
    }
    if (!this.told.flips[index] || this.waits) return;
    if (this.cells) this.drawMark(context, look, x + radius * 0.7, y + radius * 0.7, Math.max(4, dot / 6.5) * scale);
    else this.drawMark(context, look, x, y, radius * 0.75);
  }

  drawMark(context, look, x, y, half) {
    context.beginPath();
    context.moveTo(x, y - half);
    context.lineTo(x + half, y);
    context.lineTo(x, y + half);
    context.lineTo(x - half, y);
    context.closePath();
    context.fillStyle = look.flip;
    context.fill();
    if (half < 4) return;
    context.lineWidth = 1;
    context.strokeStyle = look.ground;
    context.stroke();
  }

  drawFamily(context, look, indices) {
    context.strokeStyle = look.honest;
    context.lineWidth = 2.5;
    context.beginPath();
    indices.map((index) => this.spots[index]).sort((a, b) => a.x - b.x).forEach(({ x, y }) => context.lineTo(x, y));
    context.stroke();
  }

  // The X-ray on top at a place; null where there is none.
  hit(x, y) {
    const reach = Math.max(6, this.measures?.dot / 2);
    const near = this.order?.findLast((index) => Math.hypot(this.spots[index].x - x, this.spots[index].y - y) <= reach);
    return near ?? null;
  }
}

// Training first, so that validation lies on top.
function drawingOrder(films) {
  return [...films.file.keys()].sort((a, b) => films.validation[a] - films.validation[b]);
}

function groupedBy(names) {
  const groups = new Map();
  names.forEach((name, index) => groups.set(name, [...(groups.get(name) ?? []), index]));
  return groups;
}

function fitted(canvas, height) {
  const width = canvas.clientWidth, ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// Slanting lines: no colour is left that would not mean something else here.
function hatching(context, colour) {
  const tile = document.createElement("canvas"), side = 8 * devicePixelRatio;
  tile.width = tile.height = side;
  const lines = tile.getContext("2d");
  lines.strokeStyle = colour;
  lines.lineWidth = devicePixelRatio;
  for (const shift of [-side, 0, side]) {
    lines.moveTo(shift, side);
    lines.lineTo(shift + side, 0);
  }
  lines.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / devicePixelRatio));
  return pattern;
}

function upright(context, x, top, bottom) {
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, bottom);
  context.stroke();
}

function faded(colour, part) {
  return `color-mix(in srgb, ${colour} ${100 * part}%, transparent)`;
}

function shortNumber(value) {
  return decimals(value, 2);
}

// As prediction.answer writes it: no model of some X-rays is certain.
function probabilityText(value) {
  const text = value.toFixed(2);
  if (text === "1.00") return tr("over {value}", { value: shortNumber(0.99) });
  return text === "0.00" ? tr("under {step}", { step: shortNumber(0.01) }) : shortNumber(value);
}
