// What the parts of a page that change an X-ray share: questions to the server, one at a time, and the bar of the answer.

const REST_MS = 250, SLOW_MS = 1_500, RETRY_MS = 1_000, ANSWERS_KEPT = 3_000;

// One line of questions for all parts of the page: what somebody moves goes first, and of that the newest place only.
const line = (globalThis.covidlabAltered ??= { moved: new Map(), waiting: [], known: new Map(), isBusy: false });

function addressOf(data, changes, isQuick) {
  const query = new URLSearchParams([["run", data.run], ["v", data.version], ...changes.map((change) => ["change", change])]);
  if (isQuick) query.set("quick", "1");
  return `${data.address}?${query}`;
}

function pictureOf(data, change) {
  return `${data.address}/picture?${new URLSearchParams({ change, v: data.version })}`;
}

// `told` is called with the probabilities, or with nothing and a sentence.
function askMoved(owner, address, told) {
  line.moved.set(owner, { address, told });
  work();
}

function askLater(owner, address, told) {
  line.waiting.push({ owner, address, told });
  work();
}

function forget(owner) {
  line.moved.delete(owner);
  line.waiting = line.waiting.filter((question) => question.owner !== owner);
}

async function work() {
  if (line.isBusy) return;
  line.isBusy = true;
  try {
    for (let question = next(); question; question = next()) await answer(question);
  } finally {
    line.isBusy = false;
  }
}

function next() {
  const [owner, question] = line.moved.entries().next().value ?? [];
  if (!question) return line.waiting.shift();
  line.moved.delete(owner);
  return question;
}

async function answer({ address, told }) {
  if (line.known.has(address)) return told(line.known.get(address));
  try {
    const given = await fetch(address);
    const content = await given.json();
    if (given.status === 503) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    if (!given.ok) return told(null, content.error, given.status === 503);
    if (line.known.size > ANSWERS_KEPT) line.known.clear();
    line.known.set(address, content.probabilities);
    told(content.probabilities);
  } catch {
    told(null, tr("The server cannot be reached. Move again in a moment."));
  }
}

// As prediction/answer.py, probability_text.
function probabilityText(value) {
  const text = value.toFixed(2);
  if (Number(text) >= 1) return tr("over {value}", { value: decimals(0.99, 2) });
  return Number(text) <= 0 ? tr("under {step}", { step: decimals(0.01, 2) }) : decimals(value, 2);
}

// Place on a bar, 0 to 1: log odds, since most answers lie near an end, where a linear bar would hide how they move.
const LOG_ODDS_END = 10;
function placeOf(probability) {
  const logOdds = Math.log(probability / (1 - probability));
  return Math.min(1, Math.max(0, (logOdds + LOG_ODDS_END) / (2 * LOG_ODDS_END)));
}

// The number of one changed X-ray: asked quickly while it moves, exactly once it rests, and drawn as a bar from 0 to 1.
class Answered {
  constructor(root) {
    this.root = root;
    this.bar = root.querySelector(".alter-bar");
    this.said = root.querySelector(".alter-said");
    this.note = root.querySelector(".alter-note");
  }

  begin(data, change) {
    this.end();
    this.data = data;
    this.bar.classList.remove("alter-answered", "alter-has-unchanged");
    this.root.querySelector(".alter-number").textContent = this.said.textContent = "";
    this.root.querySelector(".alter-unchanged").textContent = "";
    this.bar.style.setProperty("--threshold", placeOf(data.threshold));
    this.bar.setAttribute("aria-label", data.words.resembles);
    this.root.querySelector(".alter-title").textContent = data.words.resembles;
    this.root.querySelector(".alter-point").textContent = data.words.threshold;
    this.drawScale();
    this.unchanged = null;
    this.ask(change, true);
  }

  // Streamlit lets a component rest at every run of the page: what was under way is asked again.
  resume(change) {
    if (this.settled !== change || this.unchanged === null) this.ask(change, this.unchanged === null);
  }

  drawScale() {
    const tick = (text, place) => {
      const element = document.createElement("span");
      element.textContent = text;
      element.style.left = `${100 * place}%`;
      return element;
    };
    const [low, high] = this.data.words.ends;
    const ticks = this.data.ticks.map((value) => tick(plainNumber(value), placeOf(value)));
    this.root.querySelector(".alter-scale").replaceChildren(tick(low, 0), ...ticks, tick(high, 1));
  }

  ask(change, isFirst = false) {
    this.change = change;
    this.settled = null;
    clearTimeout(this.resting);
    clearTimeout(this.slow);
    this.slow = setTimeout(() => this.tell(this.data.words.loading), SLOW_MS);
    // An answer for the X-ray or the model before comes too late.
    const data = this.data;
    const current = (take) => (...answer) => data === this.data && take(...answer);
    askMoved(this, addressOf(data, [change], true), current((...answer) => this.take(change, ...answer)));
    if (isFirst) askLater(this, addressOf(data, ["whole"], false), current((found) => found && this.takeUnchanged(found[0])));
  }

  take(change, found, trouble, isBusy) {
    clearTimeout(this.slow);
    this.tell(trouble ?? "");
    if (isBusy && change === this.change) return this.ask(change);
    if (!found) return;
    this.show(change, found[0]);
    // The exact number, as on Predict, as soon as nothing moves.
    if (change === this.change) this.resting = setTimeout(() => this.settle(change), REST_MS);
  }

  settle(change) {
    const data = this.data;
    askMoved(this, addressOf(data, [change], false), (exact) => {
      if (!exact || data !== this.data || change !== this.change) return;
      this.show(change, exact[0]);
      this.settled = change;
      this.said.textContent = this.sentence(exact[0]);
    });
  }

  takeUnchanged(probability) {
    this.unchanged = probability;
    this.bar.style.setProperty("--unchanged", placeOf(probability));
    this.bar.classList.add("alter-has-unchanged");
    this.root.querySelector(".alter-unchanged").textContent = `${this.data.words.unchanged} ${probabilityText(probability)}`;
  }

  show(change, probability) {
    this.bar.style.setProperty("--probability", placeOf(probability));
    this.bar.classList.add("alter-answered");
    this.bar.dataset.answered = change;
    // A meter without a value would be none: until the first answer the bar is a picture.
    const meter = { role: "meter", "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": probability.toFixed(2) };
    for (const [name, value] of Object.entries(meter)) this.bar.setAttribute(name, value);
    this.bar.setAttribute("aria-valuetext", probabilityText(probability));
    this.root.querySelector(".alter-number").textContent = probabilityText(probability);
  }

  sentence(probability) {
    const { words, threshold } = this.data;
    const side = probability >= threshold ? words.above : words.below;
    return `${words.resembles}: ${probabilityText(probability)}, ${side}.`;
  }

  tell(text) {
    if (this.note.textContent !== text) this.note.textContent = text;
  }

  end() {
    forget(this);
    clearTimeout(this.resting);
    clearTimeout(this.slow);
  }
}
