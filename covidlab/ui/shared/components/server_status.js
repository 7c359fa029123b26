// What the server is doing, asked for every few seconds; an answer that has not changed costs a few bytes (ETag).
// Other parts of the page hear of it by the event "covidlab:status".

const ASK_EVERY_MS = 3_000;
const REST_MS = 1_000;
const BEGUN_AFRESH = "covidlab:begun-afresh";
const boxes = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".server-status");
  if (!boxes.has(root)) boxes.set(root, new ServerStatus(root));
  const box = boxes.get(root);
  box.update(data);
  return () => box.rest();
}

class ServerStatus {
  constructor(root) {
    this.root = root;
    this.seen = () => document.hidden || this.ask();
  }

  update(data) {
    clearTimeout(this.resting);
    this.data = data;
    this.show(data.lines);
    if (this.timer) return;
    this.timer = setInterval(() => document.hidden || this.ask(), ASK_EVERY_MS);
    document.addEventListener("visibilitychange", this.seen);
  }

  // Streamlit lets a component rest and calls it again at every run of the page.
  rest() {
    this.resting = setTimeout(() => {
      clearInterval(this.timer);
      this.timer = 0;
      document.removeEventListener("visibilitychange", this.seen);
    }, REST_MS);
  }

  async ask() {
    try {
      const answer = await fetch(this.data.address, { cache: "no-cache" });
      if (answer.status === 401) return beginAfresh();
      if (!answer.ok) return;
      sessionStorage.removeItem(BEGUN_AFRESH);
      const status = await answer.json();
      this.show({ ...this.data.lines, ...status.lines });
      window.dispatchEvent(new CustomEvent("covidlab:status", { detail: status }));
    } catch {
      // The server is away; the next question may find it again.
    }
  }

  show(lines) {
    const content = JSON.stringify(lines);
    if (content === this.shown) return;
    this.shown = content;
    this.root.replaceChildren(...Object.entries(lines).map(([name, text]) => paragraph(name, text)));
    this.root.hidden = false;
  }
}

// Somebody has signed out in another window, or the sign-in is too old: the page asks for a new one. Once, in case it does not help.
function beginAfresh() {
  if (sessionStorage.getItem(BEGUN_AFRESH)) return;
  sessionStorage.setItem(BEGUN_AFRESH, "1");
  location.reload();
}

function paragraph(name, text) {
  const made = document.createElement("p");
  const label = document.createElement("strong");
  label.textContent = name;
  made.append(label, document.createElement("br"), text);
  return made;
}
