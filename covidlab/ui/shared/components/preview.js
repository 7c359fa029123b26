// The curve of a run that nobody has started yet. It follows the sliders while they are dragged; no script of the page runs.

const SPEAK_AFTER_MS = 1_500, REST_MS = 1_000, FLOAT_MS = 2_500;
// What of the curve may be beyond the edge of the screen, in pixels.
const FAR = 80;
const previews = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".preview");
  if (!previews.has(root)) previews.set(root, new Preview(root));
  const preview = previews.get(root);
  preview.update(data);
  return () => preview.rest();
}

class Preview {
  constructor(root) {
    this.root = root;
    this.svg = root.querySelector("svg");
    this.draw = this.draw.bind(this);
    this.slid = this.slid.bind(this);
    this.resized = new ResizeObserver(() => this.draw());
  }

  update(data) {
    clearTimeout(this.resting);
    this.data = data;
    follow(this, data);
  }

  rest() {
    this.resting = setTimeout(() => {
      leave(this);
      this.land();
      this.mark({});
    }, REST_MS);
  }

  // Where the curve is out of sight, it comes to the lower edge of the screen for a moment.
  slid() {
    this.draw();
    const place = this.root.parentElement, { top, bottom } = place.getBoundingClientRect();
    const isFloating = this.root.classList.contains("preview-floating");
    if (this.root.querySelector(".preview-body").hidden || !(isFloating || bottom - FAR > innerHeight || top + FAR < 0)) return this.land();
    if (!isFloating) {
      // Nothing below moves meanwhile.
      place.style.minHeight = `${place.offsetHeight}px`;
      this.root.classList.add("preview-floating");
      this.draw();
    }
    clearTimeout(this.landing);
    this.landing = setTimeout(() => this.land(), FLOAT_MS);
  }

  land() {
    clearTimeout(this.landing);
    this.root.classList.remove("preview-floating");
    this.root.parentElement.style.minHeight = "";
  }

  draw() {
    const settings = { ...this.data.settings, ...sliders() };
    const differences = this.differences(settings);
    const body = this.root.querySelector(".preview-body");
    // What the run shown has is drawn with the run.
    body.hidden = Boolean(this.data.run?.whole) && !differences.length;
    this.mark(settings);
    this.tellDifferences(differences);
    if (!body.hidden) this.drawCurve(settings);
    this.root.dataset.drawn = `${settings.rate} ${settings.epochs} ${settings.batch}`;
  }

  drawCurve(settings) {
    const shown = this.curve(settings);
    const crossed = shown && this.crossed(settings, shown);
    const ghost = this.data.run?.curve;
    const span = Math.max(settings.epochs, 1);
    const frame = new Frame(this.svg, { height: 216, top: 26 });
    frame.heading(tr("accuracy on X-rays that were not trained on"));
    frame.scale([0, 0.25, 0.5, 0.75, 1]);
    for (const epoch of epochTicks(span, frame.width / 55)) frame.tick(epoch / span, String(epoch));
    frame.title(tr("epoch"));
    const points = (curve, name) => curve.epoch.map((epoch, place) => [epoch / span, curve[name][place]]).filter(([x]) => x <= 1);
    if (crossed) {
      frame.band(points(crossed, "lowest"), points(crossed, "highest"), { class: "preview-repeats" });
      frame.band(points(crossed, "low"), points(crossed, "high"), { class: "preview-band" });
    }
    if (crossed) frame.line(points(crossed, "accuracy"), { class: "preview-crossed" });
    if (ghost) frame.line(points(ghost, "accuracy"), { class: "preview-ghost" });
    if (shown) frame.line(points(shown, "accuracy"), { class: "preview-split" });
    frame.show();
    this.tell(settings, shown, crossed);
  }

  // The curve of these settings; where nobody has made just that, one that is near, which says so.
  curve(settings) {
    const columns = [...this.found.loaded.values()].filter(({ name }) => name.startsWith("column-")).map((column) => {
      const [, batch, epochs] = column.name.match(/-b(\d+)-e(\d+)/).map(Number);
      const rate = column.rates.findIndex((each) => Math.abs(Math.log(each / settings.rate)) < 1e-6);
      return { column, batch, epochs, rate };
    });
    const near = (each) => 1000 * Math.abs(Math.log2(each.batch / settings.batch)) + Math.abs(each.epochs - settings.epochs);
    const best = columns.filter((each) => each.rate >= 0 && each.epochs >= settings.epochs).sort((a, b) => near(a) - near(b))[0];
    if (!best) return null;
    const of = (name) => best.column[name][best.rate].slice(0, settings.epochs + 1);
    const shown = { accuracy: of("accuracy"), low: of("low"), high: of("high"), loss: of("loss"), n: best.column.num_films };
    shown.epoch = shown.accuracy.map((_, epoch) => epoch);
    shown.why = [best.batch !== settings.batch && tr("batch size {batch}", { batch: best.batch }), best.epochs !== settings.epochs && tr("a run of {epochs}, cut", { epochs: epochsText(best.epochs) })].filter(Boolean);
    shown.infinite = shown.loss.indexOf(null);
    shown.last = lastEpoch(shown.loss, this.data.patience);
    for (const name of ["accuracy", "low", "high", "epoch"]) shown[name] = shown[name].slice(0, shown.infinite < 0 ? shown.last + 1 : shown.infinite);
    return shown;
  }

  crossed({ rate, epochs, batch }, { last, why }) {
    const text = this.data.rates.find((each) => Math.abs(Math.log(each.value / rate)) < 1e-6)?.text;
    const curve = this.found.loaded.get(`fan-b${batch}-e${epochs}-r${text}`);
    if (!curve || why.length) return null;
    const end = curve.epoch.findLastIndex((epoch) => epoch <= last) + 1;
    const cut = (name) => [name, curve[name].slice(0, end)];
    return { ...curve, ...Object.fromEntries(["epoch", "accuracy", "low", "high", "lowest", "highest"].map(cut)) };
  }

  tell(settings, shown, crossed) {
    const { state } = this.found;
    const say = (name, text) => {
      const place = this.root.querySelector(`.preview-${name}`);
      if (place.textContent !== text) place.textContent = text;
      place.hidden = !text;
    };
    this.root.classList.toggle("preview-approximate", Boolean(shown?.why.length));
    const { batch } = settings, epochs = epochsText(settings.epochs);
    say("settings", tr("of a run at learning rate {rate}, {epochs}, batch size {batch}", { rate: plainNumber(settings.rate), epochs, batch }));
    const validation = shown && trMany(shown.n, "{number} validation X-ray", "{number} validation X-rays");
    const split = shown?.accuracy.length && { epoch: shown.epoch.at(-1), figure: figureText(lastOf(shown), validation) };
    say("figure-split", split ? tr("One split after epoch {epoch}: {figure}.", split) : "");
    const over = crossed && { over: overText(crossed), figure: figureText(lastOf(crossed), xraysText(crossed.num_films)) };
    say("figure-crossed", over ? tr("Over {over}: {figure}.", over) : "");
    say("figure-ghost", this.data.run?.curve ? `${this.data.run.title}, ${this.data.run.of}.` : "");
    say("note", [...this.notes(shown, crossed), state.failure || state.sentence || ""].filter(Boolean).join(" "));
    const alt = split ? tr("Preview: validation accuracy of one split, {figure}.", { figure: figureText(lastOf(shown), shown.n) }) : tr("No preview yet.");
    this.svg.setAttribute("aria-label", alt);
    clearTimeout(this.speaking);
    // What the page was opened with is there to be read; what has changed since is said.
    this.speaking = setTimeout(() => {
      if (this.spoken !== undefined) say("said", alt);
      this.spoken = alt;
    }, SPEAK_AFTER_MS);
  }

  notes(shown, crossed) {
    const { complete, failure } = this.found.state;
    if (!shown) return [complete && !failure ? tr("There is no preview of these settings. Press Start.") : ""];
    const notes = [];
    if (shown.why.length) notes.push(tr("Approximate: {why}.", { why: shown.why.join(", ") }));
    if (shown.infinite >= 0) notes.push(tr("The loss is no longer a number in epoch {epoch}: the run would fail.", { epoch: shown.infinite }));
    else if (shown.last < shown.loss.length - 1) notes.push(tr("The run would end after epoch {epoch}: early stopping.", { epoch: shown.last }));
    if (crossed && (lastOf(shown)[0] < lastOf(crossed)[1] || lastOf(shown)[0] > lastOf(crossed)[2])) notes.push(tr("The one split lies outside the interval over all splits."));
    return notes;
  }

  differences(settings) {
    const { run } = this.data;
    if (!run) return [];
    const moved = Object.keys(SLIDERS).filter((name) => settings[name] !== run.settings[name]);
    return [...moved.map((name) => differenceText(name, plainNumber(settings[name]), plainNumber(run.settings[name]))), ...run.others];
  }

  tellDifferences(differences) {
    const { run } = this.data;
    const place = this.root.querySelector(".preview-differs");
    const isShown = Boolean(run?.whole) && !differences.length;
    place.classList.toggle("preview-same", isShown);
    let text = differences.length ? tr("Differs from {name}: {differences}.", { name: run.name, differences: differences.join("; ") }) : "";
    if (isShown) text = tr("These are the settings of {name}, shown below. Move a slider to preview others.", { name: run.name });
    if (place.textContent !== text) place.textContent = text;
  }

  // Beside the name of each slider stands what the run shown had, where that differs.
  mark(settings) {
    const { run } = this.data;
    for (const [name, key] of Object.entries(SLIDERS)) {
      const label = document.querySelector(`.st-key-${key} [data-testid="stWidgetLabel"] p`);
      if (!label) continue;
      const had = run && settings[name] !== undefined && settings[name] !== run.settings[name];
      if (had) label.dataset.runHad = `${run.name}: ${plainNumber(run.settings[name])}`;
      else delete label.dataset.runHad;
    }
  }
}

function differenceText(name, now, had) {
  if (name === "rate") return tr("learning rate {now}, not {had}", { now, had });
  return name === "epochs" ? tr("epochs {now}, not {had}", { now, had }) : tr("batch size {now}, not {had}", { now, had });
}

// As learning/trainer.py, has_run_out_of_patience: after which epoch the run ends; losses from epoch 0.
function lastEpoch(losses, patience) {
  let best = 1;
  for (let epoch = 1; patience && epoch < losses.length; epoch += 1) {
    if (losses[epoch] < losses[best]) best = epoch;
    if (epoch - best >= patience) return epoch;
  }
  return losses.length - 1;
}
