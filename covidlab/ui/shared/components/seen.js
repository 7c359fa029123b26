// One X-ray as several models see it; the bars follow the epochs of their training. The browser does all of it.

const SEEN_EPOCH_MS = 170;
const seenPlayers = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".seen");
  if (!seenPlayers.has(root)) seenPlayers.set(root, new Seen(root));
  const player = seenPlayers.get(root);
  player.show(data);
  return () => player.scrubber.pause();
}

class Seen {
  constructor(root) {
    this.root = root;
    this.output = root.querySelector("output");
    this.scrubber = new EpochScrubber(root, SEEN_EPOCH_MS, () => this.draw());
  }

  show(data) {
    if (this.subject === data.subject) return;
    const isFirst = !this.data;
    this.scrubber.pause();
    this.data = data;
    this.subject = data.subject;
    this.bars = data.tiles.map(tileElement);
    this.root.querySelector(".seen-tiles").replaceChildren(...this.bars.map((bar) => bar.tile));
    // It plays by itself once, and for nobody who asked for less motion; another X-ray is shown at the epoch in view.
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scrubber.show(isFirst ? (isStill ? data.epochs : 0) : this.scrubber.place, data.epochs);
    if (isFirst && !isStill) this.scrubber.play();
  }

  draw() {
    const { place, last, slider } = this.scrubber;
    this.output.textContent = `${tr("Epoch")} ${place} / ${last}`;
    this.bars.forEach((bar, number) => drawBars(bar, this.data.tiles[number], place));
    const told = this.data.tiles.filter((tile) => tile.texts.length);
    const said = told.map((tile) => `${tile.title}: ${at(tile.texts, place)}`);
    slider.setAttribute("aria-valuetext", `${tr("Epoch")} ${place}. ${said.join(", ")}`);
  }
}

// What does not learn has one value for all epochs.
const at = (values, place) => values[Math.min(place, values.length - 1)];

function drawBars({ own, ownValue, all, allValue, ends }, { shares, texts, accuracy }, place) {
  if (own) {
    own.firstChild.style.width = `${100 * at(shares, place)}%`;
    own.classList.toggle("seen-below", at(shares, place) < 0.5);
    ownValue.textContent = at(texts, place);
  }
  if (!all) return;
  const [value, low, high] = at(accuracy, place);
  all.firstChild.style.width = `${100 * value}%`;
  all.lastChild.style.left = `${100 * low}%`;
  all.lastChild.style.width = `${100 * (high - low)}%`;
  allValue.textContent = decimals(value, 2);
  ends.textContent = tr("{low} to {high}", { low: decimals(low, 2), high: decimals(high, 2) });
}

function tileElement(data) {
  const tile = seenElement("section", "seen-tile"), parts = { tile };
  tile.setAttribute("role", "listitem");
  tile.append(seenElement("p", "seen-title", data.title), pictureOf(data));
  if (data.shares.length) {
    [parts.own, parts.ownValue] = addBar(tile, data.side, "seen-value", seenElement("i", ""));
  }
  if (data.accuracy.length) {
    [parts.all, parts.allValue] = addBar(tile, data.ofAll, "seen-value seen-of-all", seenElement("i", ""), seenElement("em", ""));
    parts.all.classList.add("seen-all");
    parts.ends = seenElement("p", "seen-ends");
    tile.append(parts.ends);
  }
  return parts;
}

function addBar(tile, label, name, ...within) {
  const line = seenElement("p", name), value = seenElement("b", ""), bar = seenElement("div", "seen-bar");
  line.append(seenElement("span", "", label), value);
  bar.setAttribute("aria-hidden", "true");
  bar.append(...within);
  tile.append(line, bar);
  return [bar, value];
}

function pictureOf({ picture, alt, word }) {
  if (!picture) return seenElement("div", `seen-picture seen-word${alt ? "" : " seen-none"}`, word);
  const made = seenElement("img", "seen-picture");
  made.src = picture;
  made.alt = alt;
  return made;
}

function seenElement(kind, name, text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}
