// How a run learned: every X-ray moves along the probability, below it the honest curve, and one scrubber moves both.
// The browser draws everything; no script of the page runs, except when somebody opens an X-ray.

const LEARNING_ASK_MS = 1_000;
const LEARNING_REST_MS = 1_000;
// A run of half a second is played in some seconds, one of hours no longer than people look.
const PLAY_SECONDS = { least: 4, most: 9, each: 0.28 };
const STILL_STEPS = 20;
const STILL_STEP_MS = 500;
const SAY_AFTER_MS = 600;
const MORPH_MS = 700;
// Of a screen in front of a room: the heading, the scrubber and the bar.
const SCREEN_BESIDE = 118;
const learnings = new WeakMap();
const setsKnown = new Map();

export default function (component) {
  const root = component.parentElement.querySelector(".learning");
  if (!learnings.has(root)) learnings.set(root, new Learning(root));
  const learning = learnings.get(root);
  learning.update(component);
  return () => learning.rest();
}

class Learning {
  constructor(root) {
    this.root = root;
    this.find = (name) => root.querySelector(`.learning-${name}`);
    this.field = new DotField(this.find("dots"));
    this.chart = new CurveChart(this.find("curve"));
    this.card = new XRayCard(this);
    this.at = 0;
    this.speed = 1;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.heard = ({ detail }) => this.hear(detail);
    this.seen = () => !document.hidden && this.told?.active && this.load();
    this.resized = new ResizeObserver(() => this.redraw());
    listenTo(this);
  }

  update({ data, setTriggerValue }) {
    clearTimeout(this.resting);
    const before = this.data;
    this.data = data;
    this.open = (index) => setTriggerValue("opened", { film: this.films.file[index], epoch: this.epoch() });
    this.root.classList.toggle("learning-large", data.large);
    this.root.dataset.shows = data.shows;
    if (!this.listens) this.listen();
    if (before?.ghost !== data.ghost) this.loadGhost();
    if (before?.place !== data.place) this.begin(before);
    else if (before?.state !== data.state) this.load();
    this.redraw();
  }

  listen() {
    this.listens = true;
    window.addEventListener("covidlab:run", this.heard);
    document.addEventListener("visibilitychange", this.seen);
    this.resized.observe(this.root);
    this.timer = setInterval(() => this.told?.active && !document.hidden && this.loadInTime(), LEARNING_ASK_MS);
  }

  rest() {
    this.resting = setTimeout(() => {
      this.listens = false;
      clearInterval(this.timer);
      window.removeEventListener("covidlab:run", this.heard);
      document.removeEventListener("visibilitychange", this.seen);
      this.resized.disconnect();
      this.playing = false;
    }, LEARNING_REST_MS);
  }

  // Another run, or the first: what is drawn stays until it is there, and its X-rays move from where they are.
  begin(before) {
    this.earlier = before ? (this.told?.number ?? 0) : null;
    this.isNew = true;
    this.progress = globalThis.covidlabRuns?.[this.data.run] ?? null;
    this.card.hide();
    this.load();
  }

  loadInTime() {
    if (performance.now() - (this.loadedAt ?? -Infinity) >= LEARNING_ASK_MS) this.load();
  }

  async load() {
    const { place, waiting } = this.data;
    this.loadedAt = performance.now();
    const told = await learningAnswer(place);
    // Before a run has named its X-rays, those of the set wait in their place.
    const other = told && !told.films.file.length && !told.split.epoch?.length && waiting ? await learningAnswer(waiting) : null;
    if (told && this.data.place === place) this.take(told, other ?? told, other ? waiting : place);
  }

  async loadGhost() {
    const { ghost } = this.data;
    const told = ghost ? await learningAnswer(ghost) : null;
    if (this.data.ghost !== ghost) return;
    this.ghost = told;
    this.redraw();
  }

  take(told, source, pictures) {
    const wasActive = this.told?.active && !this.isNew;
    this.told = told;
    this.films = source.films;
    this.frames = told.epochs.length ? told.epochs : told.split.epoch ?? [];
    this.root.hidden = false;
    this.field.show(told, source, pictures, () => this.redraw());
    if (this.isNew) this.place();
    // What a live run has played stays where it is; a scrubber that somebody holds, too.
    else if (wasActive && !told.active && this.follows) this.playing = true;
    if (this.still.matches && this.follows) this.at = this.last();
    // Shown as it stands: nobody has asked to hear it yet.
    const isOpened = this.isNew && !this.follows;
    this.isNew = false;
    this.describe(!isOpened);
    this.keepDrawing();
  }

  // Where a run that is shown for the first time begins: one under way or just begun plays, another shows its end.
  place() {
    const { told } = this;
    const opened = this.earlier === null;
    const begun = this.data.replays || (told.active ? !(opened && this.frames.length > 1) : !opened && told.number > this.earlier);
    this.at = begun && !this.still.matches ? (this.frames[0] ?? 0) : this.last();
    this.follows = told.active || begun;
    this.playing = this.follows && !this.still.matches;
  }

  hear(detail) {
    if (detail.id !== this.data.run) return;
    this.progress = detail;
    this.drawProgress();
    if (detail.ended) this.load();
    else this.loadInTime();
  }

  first() {
    return this.frames?.[0] ?? 0;
  }

  last() {
    return this.frames?.at(-1) ?? 0;
  }

  // The last epoch that was kept and has been reached: what the figures are of.
  epoch() {
    return this.frames?.findLast((epoch) => epoch <= this.at + 1e-6) ?? 0;
  }

  span() {
    return Math.max(1, this.told.active ? this.told.planned : this.last());
  }

  playSeconds() {
    const { least, most, each } = PLAY_SECONDS;
    return Math.min(most, Math.max(least, each * this.span()));
  }

  togglePlay() {
    if (!this.frames?.length) return;
    if (!this.playing && this.at >= this.last() && !this.told.active) this.at = this.first();
    this.playing = !this.playing;
    this.follows = this.playing;
    this.describe();
    this.keepDrawing();
  }

  step(direction) {
    const { frames } = this;
    const next = direction > 0 ? frames.find((epoch) => epoch > this.at + 1e-6) : frames.findLast((epoch) => epoch < this.at - 1e-6);
    this.goTo(next ?? (direction > 0 ? this.last() : this.first()));
  }

  goTo(epoch) {
    const nearest = this.frames.reduce((best, each) => (Math.abs(each - epoch) < Math.abs(best - epoch) ? each : best), this.first());
    this.at = nearest;
    this.playing = false;
    this.follows = false;
    this.describe();
    this.redraw();
  }

  redraw() {
    this.frame ||= requestAnimationFrame((now) => this.drawAt(now));
  }

  keepDrawing() {
    this.drawnAt = null;
    this.redraw();
  }

  drawAt(now) {
    this.frame = 0;
    if (!this.told || !this.root.isConnected) return;
    if (this.playing) this.advance(now);
    this.drawnAt = now;
    this.draw(now);
    if (this.playing ? this.at < this.last() : this.field.moves(now)) this.redraw();
    else if (this.playing && !this.told.active) this.end();
  }

  advance(now) {
    const passed = this.drawnAt ? Math.min(100, now - this.drawnAt) : 0;
    if (this.field.moves(now)) return;
    if (this.still.matches) return this.advanceInSteps(now);
    this.at = Math.min(this.last(), this.at + (this.speed * passed * this.span()) / this.playSeconds() / 1000);
  }

  // Without motion: from picture to picture.
  advanceInSteps(now) {
    if (now - (this.steppedAt ?? 0) < STILL_STEP_MS / this.speed) return;
    this.steppedAt = now;
    const place = this.frames.findLastIndex((epoch) => epoch <= this.at);
    this.at = this.frames[Math.min(this.frames.length - 1, place + Math.ceil(this.frames.length / STILL_STEPS))];
  }

  end() {
    this.playing = false;
    this.follows = false;
    this.describe();
  }

  // Alone on a screen the dots or the curve take the height that is left beside what stands above and below them.
  heights() {
    const { large, shows } = this.data;
    const within = (least, most, beside) => Math.max(least, Math.min(most, innerHeight - beside));
    // Beside a wide chart stands what else is above and below it.
    const isWide = large && innerWidth >= 1000;
    return {
      lanesHeight: shows === "dots" ? (isWide ? within(380, 1600, SCREEN_BESIDE + this.field.besideLanes(20)) : within(220, 560, 620)) : large ? 480 : 250,
      curveHeight: shows === "curve" ? (isWide ? within(480, 1800, SCREEN_BESIDE) : within(320, 900, 470)) : large ? 240 : 180,
    };
  }

  draw(now) {
    const look = { ...lookOf(this.root, this.data.large), ...this.heights() };
    this.field.draw({ now, look, at: this.at, chosen: this.card.index });
    const { left, right } = this.chart.draw({ told: this.told, ghost: this.ghost, at: this.at, span: this.span(), look });
    const scrubber = this.find("scrubber");
    scrubber.max = this.span();
    scrubber.value = Math.round(this.at);
    scrubber.style.marginLeft = `${left - 8}px`;
    scrubber.style.width = `${right - left + 16}px`;
    if (this.epoch() !== this.drawnEpoch) this.describe();
    this.card.follow();
  }

  // While a run is followed live_run.js says now and then how far it is; this would say each of its epochs as well.
  describe(says = true) {
    this.drawnEpoch = this.epoch();
    describeLearning(this);
    clearTimeout(this.saying);
    if (says && !this.playing && !(this.told.active && this.follows)) this.saying = setTimeout(() => (this.find("said").textContent = spokenSummary(this)), SAY_AFTER_MS);
  }

  drawProgress() {
    const { progress } = this.progress ?? {};
    const box = this.find("progress");
    box.hidden = !progress || !this.told?.active;
    if (box.hidden) return;
    this.find("progress-text").textContent = progress.text;
    this.find("bar").firstElementChild.style.width = `${100 * progress.position}%`;
  }
}

// Everything that a person can press, drag or point at.
function listenTo(learning) {
  const { root, find } = learning;
  const dots = find("dots"), curve = find("curve"), scrubber = find("scrubber");
  find("play").addEventListener("click", () => learning.togglePlay());
  find("speed").querySelector("select").addEventListener("change", ({ target }) => (learning.speed = Number(target.value)));
  scrubber.addEventListener("input", () => learning.goTo(Number(scrubber.value)));
  const drag = (event) => event.buttons && learning.frames?.length && learning.goTo(learning.chart.epochAt(event.offsetX));
  curve.addEventListener("pointerdown", (event) => {
    curve.setPointerCapture(event.pointerId);
    drag(event);
  });
  curve.addEventListener("pointermove", drag);
  dots.addEventListener("pointermove", (event) => event.pointerType === "mouse" && learning.card.point(event.offsetX, event.offsetY));
  dots.addEventListener("pointerleave", () => learning.card.leave());
  dots.addEventListener("click", (event) => learning.card.press(event.offsetX, event.offsetY, event.pointerType));
  root.addEventListener("keydown", (event) => {
    if (!answersKey(learning, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// True where the key was for this view.
function answersKey(learning, { key, target, altKey, ctrlKey, metaKey }) {
  if (altKey || ctrlKey || metaKey || !learning.frames?.length || target.matches("select")) return false;
  const { card } = learning;
  if (key === " " && !target.matches("button")) learning.togglePlay();
  else if (key === "ArrowRight" || key === "ArrowLeft") learning.step(key === "ArrowRight" ? 1 : -1);
  else if (key === "Home" || key === "End") learning.goTo(key === "Home" ? learning.first() : learning.last());
  else if ((key === "ArrowDown" || key === "ArrowUp") && target === learning.find("dots")) card.move(key === "ArrowDown" ? 1 : -1);
  else if (key === "Enter" && target === learning.find("dots") && card.index !== null) card.openIt();
  else if (key === "Escape" && card.index !== null) card.hide();
  else return false;
  return true;
}

// A set that changes has another address, so what is known of one holds.
async function learningAnswer(place) {
  if (setsKnown.has(place)) return setsKnown.get(place);
  try {
    const answer = await fetch(`${place}/learning`, { cache: "no-cache" });
    const told = answer.ok ? await answer.json() : null;
    if (told && !told.run) setsKnown.set(place, told);
    return told;
  } catch {
    // The server is away: the next look asks again.
    return null;
  }
}

// The colours and letters of the page, which a change of the theme changes.
function lookOf(root, large) {
  const style = getComputedStyle(root);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    large,
    text: style.color,
    ground: of("st-background-color") || "#fff",
    honest: of("st-link-color") || "#0f6b80",
    validation: of("learning-validation"),
    flip: of("learning-flip"),
    size: large ? 20 : 13,
    font: (weight = 400, scale = 1) => `${weight} ${(large ? 20 : 13) * scale}px ${style.fontFamily}`,
  };
}
