// A run as it trains: progress, accuracy and loss, fed by the server's events, which are the same for all who watch.
// No script of the page runs meanwhile; it is asked to run once when the rest of the page must look different.

const ACTIVE = "active";
const SPEAK_EVERY_MS = 10_000;
const ASK_AGAIN_MS = 3_000;
// A connection lives on for a moment, since Streamlit lets a component rest and calls it again at every run of the page.
const REST_MS = 1_000;
const runs = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".live-run");
  if (!runs.has(root)) runs.set(root, new LiveRun(root));
  const run = runs.get(root);
  run.update(component);
  return () => run.rest();
}

class LiveRun {
  constructor(root) {
    this.root = root;
    this.charts = root.querySelector(".live-run-charts");
    this.seen = () => (document.hidden ? this.close() : this.open());
    this.heard = (event) => this.compare(event.detail);
    this.resized = new ResizeObserver(() => this.resize());
  }

  update({ data, setTriggerValue }) {
    clearTimeout(this.resting);
    const other = data.events !== this.data?.events;
    const again = data.state === ACTIVE && this.data && this.data.state !== ACTIVE;
    this.data = data;
    this.askForRun = () => setTriggerValue("changed", Date.now());
    this.asked = "";
    if (!this.listens) {
      this.listens = true;
      document.addEventListener("visibilitychange", this.seen);
      window.addEventListener("covidlab:status", this.heard);
      this.resized.observe(this.charts);
    }
    if (other) this.forget();
    // A run that was resumed: what has ended begins anew.
    if (other || again) this.close();
    this.open();
  }

  rest() {
    this.resting = setTimeout(() => {
      this.close();
      this.listens = false;
      document.removeEventListener("visibilitychange", this.seen);
      window.removeEventListener("covidlab:status", this.heard);
      this.resized.disconnect();
    }, REST_MS);
  }

  forget() {
    this.drawing = null;
    this.ended = false;
    this.spokenAt = 0;
    this.root.hidden = !this.data.events;
    this.charts.hidden = !this.data.charts;
    for (const chart of this.charts.children) globalThis.Plotly?.purge(chart.firstChild);
    this.charts.replaceChildren();
    // The room the charts will take, so that nothing below them moves when they come.
    this.charts.style.minHeight = this.data.charts ? "300px" : "";
    if (this.data.charts) loadPlotly(this.data.plotly).catch(() => {});
  }

  open() {
    if (this.source || !this.data.events || document.hidden || !this.listens) return;
    const source = (this.source = new EventSource(this.data.events));
    source.addEventListener("run", (event) => this.take(JSON.parse(event.data).drawing));
    source.addEventListener("change", (event) => {
      const steps = JSON.parse(event.data).drawing;
      if (steps) this.take(patched(this.drawing, steps));
    });
    source.addEventListener("ended", (event) => this.end(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      // After an answer that is no stream a browser gives up; the server may be starting.
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      this.close();
      this.again = setTimeout(() => this.open(), ASK_AGAIN_MS);
    });
  }

  close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  end({ num_watchers }) {
    this.source.close();
    // All who watch would ask for the report in the same instant: the more there are, the longer it is spread.
    if (this.drawing.state !== this.data.state) setTimeout(() => this.ask(this.drawing.state), Math.random() * Math.min(4000, num_watchers * 20));
  }

  take(drawing) {
    this.drawing = drawing;
    this.tell(drawing);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
    if (!drawing.ended && drawing.state !== this.data.state) this.ask(drawing.state);
  }

  // Other parts of the page follow the same run without a connection of their own, also those that are drawn later.
  tell({ state, ended, progress }) {
    const told = { id: this.data.id, state, ended, progress: progress && { ...progress, text: this.data.prefix + progress.text } };
    globalThis.covidlabRuns = { ...globalThis.covidlabRuns, [this.data.id]: told };
    window.dispatchEvent(new CustomEvent("covidlab:run", { detail: told }));
  }

  // The page is drawn anew where another run begins or ends, as the sidebar hears of it.
  compare(status) {
    const differs = Object.entries(this.data.watch).filter(([name, value]) => status[name] !== value);
    if (differs.length) this.ask(JSON.stringify(differs));
  }

  ask(why) {
    if (this.asked === why || !this.listens) return;
    this.asked = why;
    this.askForRun();
  }

  draw() {
    const { progress, figures, alts } = this.drawing;
    const box = this.root.querySelector(".live-run-progress");
    box.hidden = !progress || !this.data.progress;
    if (!box.hidden) {
      const bar = box.querySelector(".live-run-bar");
      const text = this.data.prefix + progress.text;
      box.querySelector(".live-run-text").textContent = text;
      bar.firstChild.style.width = `${100 * progress.position}%`;
      bar.setAttribute("aria-valuenow", Math.round(100 * progress.position));
      bar.setAttribute("aria-label", text);
    }
    this.speak(progress, alts);
    const names = this.data.charts ? Object.keys(figures) : [];
    this.charts.hidden = !names.length;
    for (const name of names) this.drawChart(name, figures[name], alts[name]);
  }

  // A screen reader hears a sentence now and then, not every step.
  speak(progress, alts) {
    if (!progress || Date.now() - this.spokenAt < SPEAK_EVERY_MS) return;
    this.spokenAt = Date.now();
    this.root.querySelector(".live-run-said").textContent = [this.data.prefix + progress.text, ...Object.values(alts).slice(0, 1)].map((text) => text.replace(/\.$/, "")).join(". ");
  }

  drawChart(name, figure, alt) {
    const place = `st-key-curve_${this.data.id}_${name}`;
    let chart = this.charts.querySelector(`.${place}`);
    if (!chart) {
      chart = document.createElement("div");
      chart.className = `page-chart ${place}`;
      chart.style.minHeight = `${figure.layout.height}px`;
      this.charts.append(chart);
    }
    this.charts.style.minHeight = "";
    drawFigure(chart, figure, alt, this.data.plotly).catch(() => {});
  }

  resize() {
    for (const chart of this.charts.children) resizeFigure(chart);
  }
}

// services/events.py, patch: the same steps, on a copy as deep as the changes go.
function patched(value, steps) {
  const holder = { root: structuredClone(value) };
  for (const [path, step, content] of steps) {
    const last = path.at(-1);
    const place = path.slice(0, -1).reduce((inner, name) => inner[name], holder.root);
    if (step === "set") place[last] = content;
    else if (step === "append") place[last] = place[last].concat(content);
    else delete place[last];
  }
  return holder.root;
}
