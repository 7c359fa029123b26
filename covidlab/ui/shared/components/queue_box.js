// The trainer's queue: the rows the page was drawn with, then those of the server's status (server_status.js asks for it).

const REST_MS = 1_000;
const boxes = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".queue-box");
  if (!boxes.has(root)) boxes.set(root, new QueueBox(root));
  const box = boxes.get(root);
  box.update(component);
  return () => box.rest();
}

class QueueBox {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("ul");
    this.heard = (event) => this.hear(event.detail);
  }

  update({ data, setTriggerValue }) {
    clearTimeout(this.resting);
    this.own = new Set(data.own);
    this.watch = data.watch;
    this.cancel = (id) => setTriggerValue("cancel", id);
    this.askForRun = () => setTriggerValue("changed", Date.now());
    this.shown = "";
    this.show(data.rows);
    if (this.listens) return;
    this.listens = true;
    window.addEventListener("covidlab:status", this.heard);
  }

  // Streamlit lets a component rest and calls it again at every run of the page.
  rest() {
    this.resting = setTimeout(() => {
      this.listens = false;
      window.removeEventListener("covidlab:status", this.heard);
    }, REST_MS);
  }

  hear(status) {
    this.show(status.queue ?? []);
    if (Object.entries(this.watch).every(([name, value]) => status[name] === value)) return;
    this.watch = {};
    this.askForRun();
  }

  show(rows) {
    const content = JSON.stringify(rows);
    if (content === this.shown) return;
    this.shown = content;
    const focused = document.activeElement?.dataset?.run;
    this.list.replaceChildren(...rows.map((row) => this.row(row)));
    this.root.hidden = !rows.length;
    // A second that has passed must not take the keyboard away from a button.
    if (focused) this.list.querySelector(`[data-run="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  row(row) {
    const line = document.createElement("li");
    const text = document.createElement("span");
    text.textContent = row.text;
    line.append(text);
    if (row.waits && (row.open || this.own.has(row.id))) line.append(this.button(row));
    return line;
  }

  button(row) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = tr("Cancel");
    button.dataset.run = row.id;
    button.setAttribute("aria-label", tr("Cancel: {text}", { text: row.text }));
    button.addEventListener("click", () => {
      button.disabled = true;
      this.cancel(row.id);
    });
    return button;
  }
}
