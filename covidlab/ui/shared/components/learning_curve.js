// The honest curve: cross-validated accuracy thick with its band, the one split thin beside it, the run before as a ghost.

const CURVE_TICKS = [0, 0.25, 0.5, 0.75, 1];
const EPOCH_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500];

class CurveChart {
  constructor(canvas) {
    this.canvas = canvas;
  }

  draw({ told, ghost, at, span, look }) {
    const width = this.canvas.clientWidth;
    const left = look.size * 3, right = width - look.size, top = look.large ? 14 : 8, height = look.curveHeight, bottom = height - look.size - 12;
    Object.assign(this, { left, right, span, at, look });
    if (!width) return { left, right };
    this.context = fitted(this.canvas, height);
    this.x = (epoch) => left + (epoch / span) * (right - left);
    this.y = (value) => bottom - value * (bottom - top);
    this.drawAxes(width, height, top, bottom);
    this.context.save();
    this.context.beginPath();
    this.context.rect(left - 6, 0, right - left + 12, height);
    this.context.clip();
    if (ghost) this.drawGhost(ghost);
    this.drawCrossed(told.crossed);
    this.drawLine(told.split, "accuracy", { colour: look.validation, width: look.large ? 2.5 : 1.5 });
    this.drawCursor(top, bottom, told);
    this.context.restore();
    return { left, right };
  }

  epochAt(offset) {
    return ((offset - this.left) / (this.right - this.left)) * this.span;
  }

  drawAxes(width, height, top, bottom) {
    const { context, look, left, right, span } = this;
    context.font = look.font(400, look.large ? 1 : 0.93);
    context.fillStyle = faded(look.text, 0.8);
    context.strokeStyle = faded(look.text, 0.15);
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of CURVE_TICKS) {
      context.fillText(plainNumber(tick), left - 8, this.y(tick));
      context.beginPath();
      context.moveTo(left, this.y(tick));
      context.lineTo(right, this.y(tick));
      context.stroke();
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    const most = (right - left) / (look.size * 4);
    const step = EPOCH_STEPS.find((each) => span / each <= most) ?? span;
    for (let epoch = 0; epoch <= span; epoch += step) context.fillText(epoch, this.x(epoch), bottom + 6);
  }

  drawCrossed(crossed) {
    if (!crossed.epoch?.length) return;
    const { look } = this;
    this.drawBand(crossed, "lowest", "highest", 0.1);
    this.drawBand(crossed, "low", "high", 0.22);
    this.drawLine(crossed, "accuracy", { colour: look.honest, width: look.large ? 7 : 4.5 });
  }

  drawGhost(ghost) {
    const curve = ghost.crossed.epoch?.length ? ghost.crossed : ghost.split;
    this.drawLine(curve, "accuracy", { colour: faded(this.look.text, 0.5), width: this.look.large ? 4 : 2.5, dash: [6, 5], whole: true });
  }

  // Up to the epoch shown at full strength, the rest faint: left, right, strength.
  parts(whole) {
    const edge = this.canvas.clientWidth, now = this.x(this.at);
    return whole || this.at >= this.span ? [[0, edge, 1]] : [[0, now, 1], [now, edge, 0.22]];
  }

  within([from, to, strength], draw) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, this.canvas.clientHeight);
    context.clip();
    context.globalAlpha = strength;
    draw();
    context.restore();
  }

  drawBand(curve, low, high, strength) {
    const { context, look } = this;
    const points = curve.epoch.map((epoch, place) => [epoch, curve[low][place], curve[high][place]]).filter(([, a, b]) => a !== null && b !== null);
    for (const part of this.parts()) {
      this.within(part, () => {
        context.fillStyle = faded(look.honest, strength);
        context.beginPath();
        points.forEach(([epoch, value]) => context.lineTo(this.x(epoch), this.y(value)));
        points.toReversed().forEach(([epoch, , value]) => context.lineTo(this.x(epoch), this.y(value)));
        context.fill();
      });
    }
  }

  drawLine(curve, column, { colour, width, dash = [], whole = false }) {
    const { context } = this;
    const points = (curve.epoch ?? []).map((epoch, place) => [epoch, curve[column][place]]).filter(([, value]) => value !== null);
    for (const part of this.parts(whole)) {
      this.within(part, () => {
        Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: width, lineJoin: "round", lineCap: dash.length ? "butt" : "round" });
        context.setLineDash(dash);
        context.beginPath();
        points.forEach(([epoch, value]) => context.lineTo(this.x(epoch), this.y(value)));
        context.stroke();
        // One lone epoch has no line.
        if (points.length === 1) context.fillRect(this.x(points[0][0]) - 3, this.y(points[0][1]) - 3, 6, 6);
      });
    }
  }

  drawCursor(top, bottom, told) {
    const { context, look } = this;
    const x = this.x(this.at);
    context.strokeStyle = faded(look.text, 0.6);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, bottom);
    context.stroke();
    for (const [curve, colour, radius] of [[told.crossed, look.honest, 6], [told.split, look.validation, 4]]) {
      const value = valueBetween(curve, this.at);
      if (value === null) continue;
      context.beginPath();
      context.arc(x, this.y(value), radius * (look.large ? 1.5 : 1), 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = look.ground;
      context.lineWidth = 1.5;
      context.stroke();
    }
  }
}

// The height of a curve at a time between two epochs; null beyond its ends.
function valueBetween(curve, at) {
  const epochs = curve.epoch ?? [];
  const place = epochs.findLastIndex((epoch) => epoch <= at + 1e-6);
  if (place < 0) return null;
  const here = curve.accuracy[place], next = curve.accuracy[place + 1];
  if (next === undefined) return at - epochs[place] < 1 ? here : null;
  if (here === null || next === null) return here;
  return here + ((at - epochs[place]) / (epochs[place + 1] - epochs[place])) * (next - here);
}

// The figures of a curve at an epoch: the latest that was kept until then; null where there is none.
function figureAt(curve, epoch) {
  const place = (curve?.epoch ?? []).findLastIndex((each) => each <= epoch);
  if (place < 0) return null;
  return Object.fromEntries(Object.entries(curve).map(([name, values]) => [name, values[place]]));
}
