// All learning rates at once, as the trainer finds them: curves over all splits with their bands, and below the last accuracy
// against the rate. A button of the legend, or the slider, emphasizes one.

const REST_MS = 1_000, CURVES = 296, ENDS = 236;
const fans = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rate-fan");
  if (!fans.has(root)) fans.set(root, new Fan(root));
  const fan = fans.get(root);
  fan.update(data);
  return () => fan.rest();
}

class Fan {
  constructor(root) {
    this.root = root;
    this.draw = this.draw.bind(this);
    this.slid = () => {
      this.chosen = null;
      this.draw();
    };
    // A tab that is opened gets its width then.
    this.resized = new ResizeObserver(this.draw);
  }

  update(data) {
    clearTimeout(this.resting);
    if (data.settings.rate !== this.data?.settings.rate) this.chosen = null;
    this.data = data;
    follow(this, data);
  }

  rest() {
    this.resting = setTimeout(() => leave(this), REST_MS);
  }

  draw() {
    if (!this.root.clientWidth) return;
    const { settings, rates } = this.data;
    const rate = this.chosen ?? sliders().rate ?? settings.rate;
    const known = rates.map(({ value, text }, place) => ({
      ...this.found.loaded.get(`fan-b${settings.batch}-e${settings.epochs}-r${text}`),
      value, text, colour: `var(--rate-${place})`, place, chosen: Math.abs(Math.log(value / rate)) < 1e-6,
    }));
    const there = known.filter(({ accuracy }) => accuracy);
    this.tell(known, there);
    this.drawCurves(there);
    this.drawEnds(there, rates.length);
    this.drawLegend(known);
  }

  tell(known, there) {
    const { state } = this.found;
    const waits = state.failure || state.sentence || (state.complete ? tr("The other rates would take too long for a preview.") : "");
    const say = (name, text) => {
      const place = this.root.querySelector(`.rate-fan-${name}`);
      if (place.textContent !== text) place.textContent = text;
    };
    say("note", there.length === known.length ? "" : tr("{there} of {known} rates are there. {waits}", { there: there.length, known: known.length, waits }));
    const one = there.find(({ chosen }) => chosen);
    const figure = one && { rate: plainNumber(one.value), over: overText(one), epoch: one.epoch.at(-1), figure: figureText(lastOf(one), xraysText(one.num_films)) };
    say("figure", one ? tr("Rate {rate} over {over}, after epoch {epoch}: {figure}.", figure) : "");
    const each = there.map((rate) => tr("rate {rate}: {figure}", { rate: plainNumber(rate.value), figure: figureText(lastOf(rate), rate.num_films) }));
    const names = each.length ? `${each.join("; ")}.` : tr("None is there yet.");
    this.root.querySelector(".rate-fan-curves svg").setAttribute("aria-label", `${tr("Accuracy over all splits, median of the repeats, for each learning rate.")} ${names}`);
    this.root.querySelector(".rate-fan-ends svg").setAttribute("aria-label", `${tr("Accuracy after the last epoch for each learning rate.")} ${names}`);
  }

  drawCurves(there) {
    const { epochs } = this.data.settings;
    const frame = new Frame(this.root.querySelector(".rate-fan-curves svg"), { height: CURVES, top: 26 });
    frame.heading(tr("accuracy over all splits, median of the repeats"));
    frame.scale([0, 0.25, 0.5, 0.75, 1]);
    for (const epoch of epochTicks(epochs, frame.width / 55)) frame.tick(epoch / epochs, String(epoch));
    frame.title(tr("epoch"));
    const points = (each, name) => each.epoch.map((epoch, place) => [epoch / epochs, each[name][place]]);
    // The one that is looked at lies on top.
    const ordered = there.toSorted((a, b) => a.chosen - b.chosen);
    for (const each of ordered) frame.band(points(each, "low"), points(each, "high"), { class: this.named("band", each), style: `fill: ${each.colour}` });
    for (const each of ordered) frame.line(points(each, "accuracy"), { class: this.named("line", each), style: `stroke: ${each.colour}` });
    frame.show();
  }

  drawEnds(there, count) {
    const frame = new Frame(this.root.querySelector(".rate-fan-ends svg"), { height: ENDS, top: 26 });
    frame.heading(tr("accuracy after epoch {epochs}", this.data.settings));
    const across = (place) => (place + 0.5) / count;
    frame.scale([0, 0.25, 0.5, 0.75, 1]);
    this.data.rates.forEach(({ value }, place) => (frame.width / count > 52 || place % 2 === 0) && frame.tick(across(place), plainNumber(value)));
    frame.title(tr("learning rate"));
    for (const each of there) {
      const [value, low, high] = lastOf(each);
      if (value === null) continue;
      const style = `stroke: ${each.colour}`, x = frame.x(across(each.place));
      frame.add("line", { class: "rate-fan-end", style, x1: x, x2: x, y1: frame.y(low), y2: frame.y(high) });
      for (const end of [low, high]) frame.add("line", { class: "rate-fan-end", style, x1: x - 6, x2: x + 6, y1: frame.y(end), y2: frame.y(end) });
      frame.add("circle", { class: "rate-fan-end", style: `${style}; fill: ${each.chosen ? each.colour : "var(--st-background-color)"}`, cx: x, cy: frame.y(value), r: each.chosen ? 6 : 4 });
    }
    frame.show();
  }

  drawLegend(known) {
    const legend = this.root.querySelector(".rate-fan-legend");
    if (legend.childElementCount !== known.length) {
      legend.replaceChildren(...known.map(({ value, colour }) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", textContent: plainNumber(value) });
        button.style.setProperty("--colour", colour);
        button.addEventListener("click", () => {
          this.chosen = value;
          this.draw();
        });
        return button;
      }));
    }
    known.forEach(({ chosen, accuracy }, place) => {
      legend.children[place].setAttribute("aria-pressed", chosen);
      legend.children[place].disabled = !accuracy;
    });
  }

  named(what, { chosen }) {
    return `rate-fan-${what}${chosen ? " rate-fan-chosen" : ""}`;
  }
}
