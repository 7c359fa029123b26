// X-rays side by side on canvases: zoom, place, window, level, inversion and overlay are one state for all of them.
// No library and no network: the pictures come as data addresses. Grey values are those of the 8-bit picture, 0 to 255.

const PRESETS = {
  1: { name: () => tr("Original"), window: 255, level: 128 },
  2: { name: () => tr("Lungs (dark parts)"), window: 150, level: 85 },
  3: { name: () => tr("Bones (bright parts)"), window: 130, level: 185 },
  4: { name: () => tr("High contrast"), window: 100, level: 128 },
  5: { name: () => tr("Low contrast"), window: 400, level: 128 },
};
const TONE = { window: PRESETS[1].window, level: PRESETS[1].level, inverted: false };
// x and y: the point in the middle of the view, as a share of width and height of the X-ray.
const VIEW = { zoom: 1, x: 0.5, y: 0.5 };
const MAX_ZOOM = 16;
const ZOOM_STEP = 1.25;
const KEY_STEP = 10;
const SPEAK_AFTER_MS = 600;
// Kept beside the elements, which Streamlit makes new where a page is left and opened again. Viewers with one name for their
// state show the same place and grey values; whether an overlay is seen, and how much of it, is each viewer's own.
const states = (globalThis.covidlabXrayStates ??= new Map());
const layers = (globalThis.covidlabXrayLayers ??= new Map());
const viewers = new WeakMap();

// Streamlit calls this at every run of the page, with new data for the same element.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".xray-viewer");
  if (!viewers.has(root)) viewers.set(root, new XrayViewer(root));
  const viewer = viewers.get(root);
  viewer.update(data, setTriggerValue);
  return () => viewer.end();
}

class XrayViewer {
  constructor(root) {
    this.root = root;
    this.panes = [];
    // Of all panes, since two fingers may lie on two X-rays.
    this.pointers = new Map();
    this.isActive = false;
    this.endsOutside = ({ target }) => root.contains(target) || this.setActive(false);
    this.grid = this.find(".xray-panes");
    this.resized = new ResizeObserver(() => this.redraw());
    const presets = Object.entries(PRESETS).map(([key, { name }]) => new Option(name(), key));
    const own = new Option(tr("Own values"), "");
    own.hidden = true;
    this.find("select").replaceChildren(...presets, own);
    this.listen();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  update({ key, state, height, colours, panes, subject, layer }, tell) {
    this.tell = layer.tells ? tell : () => {};
    this.layer = layer;
    const isNext = this.shared && this.shared.subject !== subject;
    this.share(state, subject);
    const seen = layers.get(key) ?? { opacity: layer.opacity };
    // What the page says counts where it changed there; between two runs of the page the viewer is ahead of it.
    if (seen.shown !== layer.shown) seen.overlay = layer.shown;
    layers.set(key, Object.assign(seen, { shown: layer.shown }));
    this.seen = seen;
    while (this.panes.length > panes.length) this.panes.pop().place.remove();
    panes.forEach((pane, place) => {
      if (!this.panes[place]) {
        this.panes[place] = new Pane(this);
        this.grid.append(this.panes[place].place);
      }
      this.panes[place].update(pane, { height, colours });
      this.resized.observe(this.panes[place].canvas);
    });
    this.grid.dataset.panes = panes.length;
    const names = panes.map(({ title, alt }) => title || alt).join(", ");
    this.root.setAttribute("aria-label", tr("X-ray viewer: {names}", { names }));
    // The keyboard stays on the button that asked for it.
    if (isNext) this.find(".xray-said").textContent = names;
    this.hasOverlay = panes.some(({ overlay }) => overlay);
    this.find(".xray-overlay").hidden = !this.hasOverlay;
    Object.assign(this.find("[data-action=overlay]"), { textContent: layer.name, title: `${layer.name} (m)` });
    this.find("[name=opacity]").setAttribute("aria-label", tr("{layer} opacity", { layer: layer.name }));
    this.toneChanged = true;
    this.redraw();
  }

  // Take part in a state; with another subject it begins afresh.
  share(name, subject) {
    this.shared?.viewers.delete(this);
    this.shared = states.get(name) ?? { values: {}, viewers: new Set() };
    if (this.shared.subject !== subject) Object.assign(this.shared.values, TONE, VIEW);
    this.shared.subject = subject;
    this.shared.viewers.add(this);
    states.set(name, this.shared);
  }

  // Place, grey values and overlay, to be changed by ``change`` alone.
  get state() {
    return { ...this.shared.values, overlay: this.seen.overlay, opacity: this.seen.opacity };
  }

  end() {
    this.resized.disconnect();
    this.shared.viewers.delete(this);
  }

  // Called by a pane that has another X-ray.
  fitStages() {
    const ratios = this.panes.filter(({ source }) => source).map(({ source }) => source.width / source.height);
    if (ratios.length) this.grid.style.setProperty("--xray-shared-ratio", Math.min(...ratios));
    this.toneChanged = true;
    this.redraw();
  }

  change(change) {
    const before = this.state, state = { ...before, ...change };
    state.window = bounded(Math.round(state.window), 2, 510);
    state.level = bounded(Math.round(state.level), 0, 255);
    state.zoom = bounded(state.zoom, 1, MAX_ZOOM);
    state.opacity = bounded(state.opacity, 0, 100);
    for (const axis of ["x", "y"]) {
      // As far as the X-ray with the most to move; the others stop at their own edge.
      const half = Math.min(0.5, ...this.panes.map((pane) => pane.halfSeen(axis)));
      state[axis] = bounded(state[axis], half, 1 - half);
    }
    if (JSON.stringify(before) === JSON.stringify(state)) return false;
    const { overlay, opacity, ...values } = state;
    Object.assign(this.seen, { overlay, opacity });
    Object.assign(this.shared.values, values);
    if (overlay !== before.overlay) this.tell("overlay", overlay);
    for (const viewer of this.shared.viewers) {
      viewer.toneChanged ||= Object.keys(TONE).some((name) => name in change);
      viewer.redraw();
    }
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.find(".xray-said").textContent = this.line()), SPEAK_AFTER_MS);
    return true;
  }

  // The point of a pane below (x, y), in CSS pixels from its middle, stays there; the other panes show the same point.
  zoomBy(factor, pane = this.panes[0], x = 0, y = 0) {
    const zoom = bounded(this.state.zoom * factor, 1, MAX_ZOOM);
    const [oldWidth, oldHeight] = pane.shownSize();
    const [newWidth, newHeight] = pane.shownSize(zoom);
    const middle = pane.middle();
    return this.change({ zoom, x: middle.x + x / oldWidth - x / newWidth, y: middle.y + y / oldHeight - y / newHeight });
  }

  moveBy(x, y, pane) {
    const [width, height] = pane.shownSize();
    const middle = pane.middle();
    return this.change({ x: middle.x - x / width, y: middle.y - y / height });
  }

  redraw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const table = this.toneChanged ? greyTable(this.state) : null;
      for (const pane of this.panes) {
        if (table) pane.grade(table);
        pane.draw();
      }
      this.toneChanged = false;
      this.say();
    });
  }

  line() {
    const { window, level, zoom, inverted, overlay, opacity } = this.state;
    const values = tr("Window {window} · level {level} · zoom {zoom} %", { window, level, zoom: Math.round(zoom * 100) });
    const words = [values, inverted ? tr("inverted") : tr("not inverted")];
    const layer = withinSentence(this.layer.name);
    if (this.hasOverlay) words.push(overlay ? tr("{layer} shown, opacity {opacity} %", { layer, opacity }) : tr("{layer} hidden", { layer }));
    return words.join(" · ");
  }

  say() {
    const { window, level, inverted, overlay, opacity } = this.state;
    const preset = Object.keys(PRESETS).find((key) => PRESETS[key].window === window && PRESETS[key].level === level);
    this.find(".xray-state").textContent = this.line();
    this.find("select").value = preset ?? "";
    for (const [name, value] of Object.entries({ window, level, opacity })) this.find(`[name=${name}]`).value = value;
    this.find("[data-action=invert]").setAttribute("aria-pressed", inverted);
    this.find("[data-action=overlay]").setAttribute("aria-pressed", overlay);
    Object.assign(this.root.dataset, this.state);
  }

  act(action) {
    const { state } = this;
    if (action === "zoom-in") return this.zoomBy(ZOOM_STEP);
    if (action === "zoom-out") return this.zoomBy(1 / ZOOM_STEP);
    if (action === "invert") return this.change({ inverted: !state.inverted });
    if (action === "overlay") return this.hasOverlay && this.change({ overlay: !state.overlay });
    if (action === "done") return this.setActive(false);
    if (action === "help") return this.showHelp(this.find(".xray-help").hidden);
    return this.change({ ...TONE, ...VIEW, overlay: this.layer.shown, opacity: this.layer.opacity });
  }

  // While it is active one finger sets window and level; else it scrolls the page. Only fingers make it so.
  setActive(isActive) {
    if (this.isActive === isActive) return;
    this.isActive = isActive;
    this.root.classList.toggle("xray-active", isActive);
    const bar = this.find(".xray-touch");
    bar.hidden = !isActive;
    document[isActive ? "addEventListener" : "removeEventListener"]("pointerdown", this.endsOutside, true);
    this.find(".xray-said").textContent = isActive ? bar.querySelector("span").textContent : tr("One finger scrolls the page again.");
  }

  showHelp(shown) {
    this.find(".xray-help").hidden = !shown;
    this.find("[data-action=help]").setAttribute("aria-expanded", shown);
  }

  listen() {
    const { root } = this;
    for (const button of root.querySelectorAll("[data-action]")) button.addEventListener("click", () => this.act(button.dataset.action));
    this.find("select").addEventListener("change", ({ target }) => this.usePreset(target.value));
    for (const input of root.querySelectorAll("input")) {
      input.addEventListener("input", () => this.change({ [input.name]: Number(input.value) }));
    }
    root.addEventListener("keydown", (event) => {
      if (!this.answersKey(event)) return;
      // Streamlit has keys of its own: its r runs the page again.
      event.preventDefault();
      event.stopPropagation();
    });
  }

  usePreset(key) {
    const { window, level } = PRESETS[key];
    this.change({ window, level });
    return true;
  }

  // True where the key was for the viewer, also where there was nothing left to change; an arrow that moves nothing scrolls the page.
  answersKey(event) {
    const written = event.getModifierState("AltGraph");
    if (event.metaKey || (event.ctrlKey && !written) || event.target.matches("select")) return false;
    if (event.key.startsWith("Arrow")) return this.answersArrow(event);
    if (event.altKey && !written) return false;
    const key = event.key.toLowerCase();
    if (key in PRESETS) return this.usePreset(key);
    const actions = { i: "invert", r: "reset", m: "overlay", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out" };
    if (key in actions) this.act(actions[key]);
    else if ("[]".includes(key) && this.hasOverlay) this.change({ overlay: true, opacity: this.state.opacity + (key === "]" ? KEY_STEP : -KEY_STEP) });
    else if (key === "escape") this.leave();
    else return false;
    return true;
  }

  answersArrow({ key, altKey, shiftKey, target }) {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0, down = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
    if (altKey) {
      this.change({ window: this.state.window + KEY_STEP * across, level: this.state.level - KEY_STEP * down });
      return true;
    }
    if (shiftKey || target.matches("input")) return false;
    const step = 0.1 / this.state.zoom;
    return this.change({ x: this.state.x + step * across, y: this.state.y + step * down });
  }

  leave() {
    if (this.find(".xray-help").hidden) document.activeElement.blur();
    this.showHelp(false);
    this.setActive(false);
  }
}
