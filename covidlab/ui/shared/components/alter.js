// An X-ray with a black box or a marker on it that can be dragged; the bar shows what the model says meanwhile. No run of the page.

const TOOLS = ["box", "marker", "whole"];
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const parts = new WeakMap();
// Tool, place and size, by the name of the element: another X-ray keeps them.
const places = new Map();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".alter");
  if (!parts.has(root)) parts.set(root, new Alter(root));
  const part = parts.get(root);
  part.set(data);
  return () => part.answered.end();
}

class Alter {
  constructor(root) {
    this.root = root;
    this.picture = root.querySelector(".alter-picture");
    this.thing = root.querySelector(".alter-thing");
    this.size = root.querySelector(".alter-size");
    this.slider = root.querySelector(".alter-size input");
    this.answered = new Answered(root);
    this.thing.addEventListener("pointerdown", (event) => this.begin(event, true));
    this.picture.addEventListener("pointerdown", (event) => this.begin(event, event.pointerType !== "touch"));
    // A finger that taps beside the thing moves it there; one that drags scrolls the page.
    this.picture.addEventListener("click", (event) => event.pointerType === "touch" && event.target !== this.thing && this.moveTo(this.partsAt(event)));
    this.thing.addEventListener("keydown", (event) => this.press(event));
    this.slider.addEventListener("input", () => this.change({ size: Number(this.slider.value) }));
  }

  set(data) {
    const isNew = this.data?.subject !== data.subject;
    this.data = data;
    this.state = places.get(data.key) ?? { tool: "box", across: 14, down: 14, size: 8 };
    places.set(data.key, this.state);
    if (isNew) {
      const xray = this.root.querySelector(".alter-xray");
      xray.src = data.picture;
      xray.alt = data.alt;
      this.picture.style.aspectRatio = data.aspect;
      [this.slider.min, this.slider.max] = data.sizes;
      this.size.querySelector("span").textContent = data.words.size;
      this.thing.querySelector("img").src = data.marker.picture;
      this.drawTools();
      this.answered.begin(data, this.asked());
    } else {
      this.answered.resume(this.asked());
    }
    this.draw();
  }

  drawTools() {
    const group = this.root.querySelector(".alter-tools");
    group.setAttribute("aria-label", this.data.words.tools);
    const buttons = TOOLS.map((tool) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: this.data.words[tool] });
      button.setAttribute("role", "radio");
      button.dataset.tool = tool;
      button.addEventListener("click", () => this.change({ tool }));
      return button;
    });
    group.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const tool = TOOLS[(TOOLS.indexOf(this.state.tool) + step + TOOLS.length) % TOOLS.length];
      this.change({ tool });
      group.querySelector(`[data-tool="${tool}"]`).focus();
    };
    group.replaceChildren(...buttons);
  }

  begin(event, drags) {
    if (!drags || event.button || this.state.tool === "whole") return;
    event.preventDefault();
    event.stopPropagation();
    this.thing.focus({ preventScroll: true });
    const onThing = event.target.closest(".alter-thing");
    const start = this.partsAt(event);
    // The thing keeps its distance from the pointer; a press beside it brings it there.
    const held = onThing ? [start[0] - this.state.across, start[1] - this.state.down] : [0, 0];
    const move = (moved) => {
      const [across, down] = this.partsAt(moved);
      this.moveTo([across - held[0], down - held[1]]);
    };
    this.thing.setPointerCapture(event.pointerId);
    if (!onThing) move(event);
    this.thing.onpointermove = move;
    this.thing.onpointerup = this.thing.onpointercancel = () => (this.thing.onpointermove = null);
  }

  press(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 4 : 1;
    this.moveTo([this.state.across + far * step[0], this.state.down + far * step[1]]);
  }

  partsAt({ clientX, clientY }) {
    const { left, top, width, height } = this.picture.getBoundingClientRect();
    return [((clientX - left) / width) * this.data.parts, ((clientY - top) / height) * this.data.parts];
  }

  moveTo([across, down]) {
    if (this.state.tool === "whole") return;
    const onGrid = (part) => Math.min(this.data.parts, Math.max(0, Math.round(part)));
    this.change({ across: onGrid(across), down: onGrid(down) });
  }

  change(changes) {
    const before = this.asked();
    Object.assign(this.state, changes);
    this.draw();
    if (this.asked() !== before) this.answered.ask(this.asked());
  }

  asked() {
    const { tool, across, down, size } = this.state;
    return { box: `box:${across}:${down}:${size}`, marker: `marker:${across}:${down}`, whole: "whole" }[tool];
  }

  draw() {
    const { data, thing, state } = this;
    const share = (part) => `${(100 * part) / data.parts}%`;
    const [wide, tall] = state.tool === "box" ? [share(state.size), share(state.size)] : data.marker.shares.map((each) => `${100 * each}%`);
    Object.assign(thing.style, { left: share(state.across), top: share(state.down), width: wide, height: tall });
    thing.hidden = state.tool === "whole";
    thing.classList.toggle("alter-is-box", state.tool === "box");
    thing.classList.toggle("alter-is-marker", state.tool === "marker");
    thing.setAttribute("aria-label", data.words[state.tool]);
    thing.setAttribute("aria-valuenow", state.across);
    thing.setAttribute("aria-valuemax", data.parts);
    const percent = (part) => `${Math.round((100 * part) / data.parts)} %`;
    thing.setAttribute("aria-valuetext", tr("{across} across, {down} down", { across: percent(state.across), down: percent(state.down) }));
    this.size.hidden = state.tool !== "box";
    this.slider.value = state.size;
    this.slider.setAttribute("aria-valuetext", tr("{size} of the width and height", { size: percent(state.size) }));
    for (const button of this.root.querySelectorAll(".alter-tools button")) {
      const isChosen = button.dataset.tool === state.tool;
      button.setAttribute("aria-checked", isChosen);
      button.tabIndex = isChosen ? 0 : -1;
    }
  }
}
