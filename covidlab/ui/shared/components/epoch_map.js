// One X-ray over the epochs of a run: contours of what spoke for a class, the probability, and a scrubber. The browser does all of it.

const EPOCH_MS = 220;
const LEVELS = [0.25, 0.5, 0.75];
// Cells of the map between which contours are drawn, a side.
const FINE = 56;
const SIDE = 700;
const players = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".epoch-map");
  if (!players.has(root)) players.set(root, new EpochMap(root));
  const player = players.get(root);
  player.show(data);
  return () => player.scrubber.pause();
}

class EpochMap {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.scrubber = new EpochScrubber(root, EPOCH_MS, () => this.draw());
  }

  show(data) {
    if (this.subject === data.subject) return;
    this.scrubber.pause();
    this.data = data;
    this.subject = data.subject;
    this.top = Math.max(1e-9, ...data.heatmaps.flat());
    const picture = this.root.querySelector("img");
    picture.src = data.picture;
    picture.alt = data.alt;
    this.canvas.width = SIDE;
    this.canvas.height = Math.round((SIDE * data.height) / data.width);
    this.drawPath();
    this.scrubber.show(data.start, data.epochs.length - 1);
  }

  draw() {
    const { epochs, heatmaps, captions, rows, colours } = this.data;
    const { place, slider } = this.scrubber;
    slider.setAttribute("aria-valuetext", `${tr("Epoch")} ${epochs[place]}. ${captions[place]}`);
    this.root.querySelector("output").textContent = `${tr("Epoch")} ${epochs[place]} / ${epochs.at(-1)}`;
    this.root.querySelector("figcaption").textContent = captions[place];
    const now = this.root.querySelector(".now");
    const across = this.across(place);
    now.setAttribute("x1", across);
    now.setAttribute("x2", across);
    drawContours(this.canvas, heatmaps[place].map((value) => value / this.top), rows, colours);
  }

  across(place) {
    return (700 * place) / Math.max(1, this.data.epochs.length - 1);
  }

  drawPath() {
    const { probabilities, threshold, path } = this.data;
    const svg = this.root.querySelector("svg");
    const up = (probability) => 85 - 80 * probability;
    const points = probabilities.map((each, place) => `${this.across(place)},${up(each)}`).join(" ");
    svg.setAttribute("aria-label", path);
    svg.replaceChildren(
      line("axis", 0, 85, 700, 85),
      line("axis", 0, 5, 700, 5),
      line("threshold", 0, up(threshold), 700, up(threshold)),
      made("polyline", { class: "path", points }),
      line("now", 0, 0, 0, 90),
    );
  }
}

// Contours by marching squares on a finer grid: each level is filled faintly and outlined, as on a map of heights.
function drawContours(canvas, values, rows, colours) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  const fine = finer(values, rows, values.length / rows);
  LEVELS.forEach((level, place) => {
    const colour = colours[place];
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.beginPath();
    for (const [fromX, fromY, toX, toY] of segments(fine, level)) {
      context.moveTo((fromX / (FINE - 1)) * canvas.width, (fromY / (FINE - 1)) * canvas.height);
      context.lineTo((toX / (FINE - 1)) * canvas.width, (toY / (FINE - 1)) * canvas.height);
    }
    context.stroke();
    context.globalAlpha = 0.16;
    context.drawImage(filled(fine, level, colour), 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
  });
}

// What lies above a level, one pixel for each point, to be enlarged smoothly.
function filled(fine, level, colour) {
  const small = new OffscreenCanvas(FINE, FINE);
  const context = small.getContext("2d");
  context.fillStyle = colour;
  fine.forEach((row, y) => row.forEach((value, x) => value >= level && context.fillRect(x, y, 1, 1)));
  return small;
}

// Between the centres of the cells of the map, along both sides.
function finer(values, rows, columns) {
  const at = (row, column) => values[Math.min(rows - 1, Math.max(0, row)) * columns + Math.min(columns - 1, Math.max(0, column))];
  return Array.from({ length: FINE }, (_, fineRow) =>
    Array.from({ length: FINE }, (_, fineColumn) => {
      const down = (fineRow / (FINE - 1)) * rows - 0.5;
      const over = (fineColumn / (FINE - 1)) * columns - 0.5;
      const row = Math.floor(down);
      const column = Math.floor(over);
      const [y, x] = [smooth(down - row), smooth(over - column)];
      const upper = at(row, column) * (1 - x) + at(row, column + 1) * x;
      const lower = at(row + 1, column) * (1 - x) + at(row + 1, column + 1) * x;
      return upper * (1 - y) + lower * y;
    }),
  );
}

const smooth = (share) => share * share * (3 - 2 * share);

function* segments(fine, level) {
  for (let y = 0; y < FINE - 1; y++)
    for (let x = 0; x < FINE - 1; x++) {
      const corners = [fine[y][x], fine[y][x + 1], fine[y + 1][x + 1], fine[y + 1][x]];
      const crossed = [];
      const edges = [[0, 1, x, y, x + 1, y], [1, 2, x + 1, y, x + 1, y + 1], [3, 2, x, y + 1, x + 1, y + 1], [0, 3, x, y, x, y + 1]];
      for (const [first, second, fromX, fromY, toX, toY] of edges) {
        const [from, to] = [corners[first], corners[second]];
        if (from >= level === to >= level) continue;
        const share = (level - from) / (to - from);
        crossed.push([fromX + (toX - fromX) * share, fromY + (toY - fromY) * share]);
      }
      for (let place = 0; place + 1 < crossed.length; place += 2) yield [...crossed[place], ...crossed[place + 1]];
    }
}

function line(name, x1, y1, x2, y2) {
  return made("line", { class: name, x1, y1, x2, y2 });
}

function made(kind, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
