// The confusion matrix as a table whose cells and rows are buttons: each opens its X-rays.

const drawn = new WeakMap();
// From this share of its row on, a cell is dark enough for white figures on either theme.
const STRONG_SHARE = 0.7;

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".confusion");
  const content = JSON.stringify(data);
  if (drawn.get(place) === content) return;
  drawn.set(place, content);
  const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  place.replaceChildren(table(data, (cell) => setTriggerValue("cell", cell)));
  if (focused) [...place.querySelectorAll("button")].find((each) => each.getAttribute("aria-label") === focused)?.focus();
}

function table({ names, rows, chosen, caption }, open) {
  const made = element("table");
  made.append(element("caption", "confusion-caption", caption));
  const head = element("tr");
  head.append(element("td"), ...names.map((name) => heading("col", tr("predicted"), name)));
  made.append(head, ...rows.map((row, place) => line(row, place, names, chosen, open)));
  return made;
}

function line(row, place, names, chosen, open) {
  const made = element("tr");
  const name = heading("row", tr("true"), "");
  name.append(button(row.name, row.label, "confusion-row", chosen === row.id, () => open(row.id)));
  made.append(name);
  for (const [column, cell] of row.cells.entries()) {
    const holder = element("td");
    const kind = place === column ? "confusion-cell right" : "confusion-cell wrong";
    const shown = button(cell.text, cell.label, kind, chosen === cell.id, () => open(cell.id));
    shown.style.setProperty("--share", cell.share);
    if (cell.share >= STRONG_SHARE) shown.classList.add("strong");
    shown.disabled = cell.text === "0";
    holder.append(shown);
    made.append(holder);
  }
  return made;
}

function heading(scope, said, name) {
  const made = element("th");
  made.scope = scope;
  made.append(element("span", "confusion-said", said));
  if (name) made.append(element("span", "", name));
  return made;
}

function button(text, label, kind, isChosen, open) {
  const made = element("button", kind, text);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.setAttribute("aria-pressed", isChosen);
  made.addEventListener("click", open);
  return made;
}

function element(kind, name = "", text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}
