// Small pictures of the X-rays of a set, cut by the style sheet from one sheet; the arrow keys move within a class.

const STRIP_COLUMNS = 20;
const stripsDrawn = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".xray-strip");
  const content = JSON.stringify({ ...data, chosen: "" });
  if (stripsDrawn.get(strip) !== content) {
    stripsDrawn.set(strip, content);
    const rows = Math.ceil(data.inSprite / STRIP_COLUMNS);
    const open = (file) => setTriggerValue("open", file);
    strip.replaceChildren(...data.groups.map((group) => groupElement(group, { ...data, rows, open })));
  }
  // Marked without a new cell, so that the focus stays.
  strip.querySelectorAll(".xray-strip-cell").forEach((cell) => cell.setAttribute("aria-current", cell.dataset.file === data.chosen));
}

function groupElement(group, strip) {
  const section = stripElement("section", "xray-strip-group");
  const head = stripElement("p", "");
  head.append(stripElement("span", "xray-strip-name", group.name), " ", stripElement("span", "xray-strip-about", group.about));
  const cells = stripElement("div", "xray-strip-cells");
  cells.setAttribute("role", "group");
  cells.setAttribute("aria-label", `${group.name}: ${group.about}`);
  cells.append(...group.cells.map((cell, place) => cellElement(cell, place, strip)));
  cells.addEventListener("keydown", (event) => moveInCells(cells, event));
  section.append(head, cells);
  return section;
}

// One stop of the Tab key for each class, not one for each X-ray.
function cellElement(cell, place, strip) {
  const button = stripElement("button", `xray-strip-cell xray-strip-${cell.side || "unknown"}`);
  button.type = "button";
  button.tabIndex = place === 0 ? 0 : -1;
  button.dataset.file = cell.file;
  button.title = cell.name;
  button.setAttribute("aria-label", cell.name);
  button.addEventListener("click", () => strip.open(cell.file));
  button.append(pictureElement(cell, strip));
  if (cell.share !== null) {
    const bar = stripElement("span", "xray-strip-bar"), filled = stripElement("i", "");
    filled.style.width = `${Math.round(100 * cell.share)}%`;
    bar.append(filled);
    button.append(bar);
  }
  return button;
}

function pictureElement(cell, { sprite, rows }) {
  if (cell.picture) {
    const picture = stripElement("img", "xray-strip-picture");
    picture.src = cell.picture;
    picture.alt = "";
    picture.loading = "lazy";
    return picture;
  }
  const picture = stripElement("span", "xray-strip-picture");
  const column = cell.place % STRIP_COLUMNS, row = Math.floor(cell.place / STRIP_COLUMNS);
  picture.style.backgroundImage = `url("${sprite}")`;
  picture.style.backgroundSize = `${100 * STRIP_COLUMNS}% ${100 * rows}%`;
  picture.style.backgroundPosition = `${(100 * column) / (STRIP_COLUMNS - 1)}% ${rows > 1 ? (100 * row) / (rows - 1) : 0}%`;
  return picture;
}

function moveInCells(cells, event) {
  const buttons = [...cells.children], here = buttons.indexOf(event.target);
  const perRow = buttons.filter((button) => button.offsetTop === buttons[0].offsetTop).length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow, Home: -here, End: buttons.length - 1 - here };
  const next = event.key in steps ? buttons[here + steps[event.key]] : null;
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  buttons.forEach((button) => (button.tabIndex = -1));
  next.tabIndex = 0;
  next.focus();
}

function stripElement(kind, name, text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}
