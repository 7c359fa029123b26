// A film on a canvas: zoom, move, window and level, invert, lungs. No library and no network: the film and the lungs
// come as data addresses. Grey values are those of the stored 8-bit picture, 0 to 255.

const PRESETS = {
  1: { window: 255, level: 128 },
  2: { window: 150, level: 85 },
  3: { window: 130, level: 185 },
  4: { window: 100, level: 128 },
};
const MAX_ZOOM = 16;
const viewers = new WeakMap();

// Streamlit calls this at every run of the page, with new data for the same element.
export default function (component) {
  const root = component.parentElement.querySelector(".film-viewer");
  if (!viewers.has(root)) viewers.set(root, new FilmViewer(root));
  const viewer = viewers.get(root);
  viewer.update(component);
  return () => viewer.rest();
}

class FilmViewer {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.stage = root.querySelector(".film-stage");
    this.graded = document.createElement("canvas");
    this.pointers = new Map();
    this.view = { zoom: 1, x: 0, y: 0 };
    this.tone = { ...PRESETS[1], inverted: false };
    this.keys = (event) => this.onKey(event);
    this.resized = new ResizeObserver(() => this.redraw());
    this.listen();
  }

  update({ data, setTriggerValue }) {
    this.tell = setTriggerValue;
    document.removeEventListener("keydown", this.keys);
    document.addEventListener("keydown", this.keys);
    this.resized.observe(this.canvas);
    this.canvas.setAttribute("aria-label", data.label);
    // The lungs of the page count where they changed there; between two runs of the page key m is ahead of it.
    if (data.lungs !== this.told) this.lungs = this.told = data.lungs;
    this.canShowLungs = data.has_lungs;
    this.synthetic = data.synthetic;
    if (data.id !== this.id) this.load(data);
    else this.redraw();
    if (data.overlay && data.overlay !== this.overlayAddress) this.loadOverlay(data.overlay);
  }

  rest() {
    document.removeEventListener("keydown", this.keys);
    this.resized.disconnect();
  }

  async load(data) {
    this.id = data.id;
    this.overlay = this.overlayAddress = null;
    const picture = await decoded(data.film);
    if (!picture || this.id !== data.id) return;
    const { width, height } = picture;
    this.graded.width = width;
    this.graded.height = height;
    this.ink = this.graded.getContext("2d", { willReadFrequently: true });
    this.ink.drawImage(picture, 0, 0);
    this.source = this.ink.getImageData(0, 0, width, height);
    this.stage.style.aspectRatio = `${width} / ${height}`;
    this.root.hidden = false;
    this.root.dataset.ready = data.id;
    this.reset();
  }

  async loadOverlay(address) {
    this.overlayAddress = address;
    const overlay = await decoded(address);
    if (this.overlayAddress !== address) return;
    this.overlay = overlay;
    this.redraw();
  }

  // Window and level: values below level - window / 2 are black, above level + window / 2 white, linear between.
  grade() {
    if (!this.source) return;
    const { window, level, inverted } = this.tone;
    const table = new Uint8ClampedArray(256);
    for (let value = 0; value < 256; value++) {
      const grey = ((value - level) / window + 0.5) * 255;
      table[value] = inverted ? 255 - Math.min(255, Math.max(0, grey)) : grey;
    }
    const result = this.ink.createImageData(this.source.width, this.source.height);
    const from = this.source.data, to = result.data;
    for (let place = 0; place < from.length; place += 4) {
      to[place] = table[from[place]];
      to[place + 1] = table[from[place + 1]];
      to[place + 2] = table[from[place + 2]];
      to[place + 3] = 255;
    }
    this.ink.putImageData(result, 0, 0);
  }

  redraw({ grade = false } = {}) {
    this.mustGrade ||= grade;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.mustGrade) this.grade();
      this.mustGrade = false;
      this.draw();
    });
  }

  draw() {
    if (!this.source || !this.canvas.clientWidth) return;
    const dots = globalThis.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * dots), height = Math.round(this.canvas.clientHeight * dots);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.clamp();
    const paint = this.canvas.getContext("2d");
    const scale = this.fit() * this.view.zoom * dots;
    paint.setTransform(1, 0, 0, 1, 0, 0);
    paint.fillStyle = "#000";
    paint.fillRect(0, 0, width, height);
    paint.setTransform(scale, 0, 0, scale, width / 2 + this.view.x * dots, height / 2 + this.view.y * dots);
    paint.imageSmoothingEnabled = scale < 4;
    const { width: columns, height: rows } = this.source;
    paint.drawImage(this.graded, -columns / 2, -rows / 2);
    if (this.lungs && this.overlay) paint.drawImage(this.overlay, -columns / 2, -rows / 2, columns, rows);
    this.say();
  }

  // CSS pixels for one pixel of the film where the whole film is seen.
  fit() {
    return Math.min(
      this.canvas.clientWidth / this.source.width,
      this.canvas.clientHeight / this.source.height,
    );
  }

  // The film cannot be lost: it covers the canvas, or is in its middle where it is smaller.
  clamp() {
    const scale = this.fit() * this.view.zoom;
    const spareX = Math.max(0, (this.source.width * scale - this.canvas.clientWidth) / 2);
    const spareY = Math.max(0, (this.source.height * scale - this.canvas.clientHeight) / 2);
    this.view.x = Math.min(spareX, Math.max(-spareX, this.view.x));
    this.view.y = Math.min(spareY, Math.max(-spareY, this.view.y));
  }

  say() {
    const { window, level, inverted } = this.tone;
    const lungs = Boolean(this.lungs && this.overlay);
    const preset = Object.keys(PRESETS).find(
      (key) => PRESETS[key].window === window && PRESETS[key].level === level,
    );
    const zoom = Math.round(this.view.zoom * 100);
    const words = [`Zoom ${zoom} %`, `window ${window}`, `level ${level}`];
    if (this.synthetic) words.unshift("Synthetic X-ray");
    if (inverted) words.push("inverted");
    if (lungs) words.push("lungs marked");
    const line = words.join(" · ");
    const state = this.root.querySelector(".film-state");
    if (state.textContent !== line) state.textContent = line;
    this.root.querySelector("[name=window]").value = window;
    this.root.querySelector("[name=level]").value = level;
    for (const button of this.root.querySelectorAll("[data-preset]")) {
      button.setAttribute("aria-pressed", button.dataset.preset === preset);
    }
    this.root.querySelector("[data-action=invert]").setAttribute("aria-pressed", inverted);
    Object.assign(this.root.dataset, { zoom, window, level, inverted, lungs, x: Math.round(this.view.x), y: Math.round(this.view.y) });
    this.root.toggleAttribute("data-zoomed", this.view.zoom > 1);
  }

  setTone(change) {
    Object.assign(this.tone, change);
    this.tone.window = Math.min(510, Math.max(2, Math.round(this.tone.window)));
    this.tone.level = Math.min(255, Math.max(0, Math.round(this.tone.level)));
    this.redraw({ grade: true });
  }

  reset() {
    this.view = { zoom: 1, x: 0, y: 0 };
    this.setTone({ ...PRESETS[1], inverted: false });
  }

  // Zoom so that the point of the film below (x, y), from the middle of the canvas, stays there.
  zoomBy(factor, x = 0, y = 0) {
    const before = this.view.zoom;
    this.view.zoom = Math.min(MAX_ZOOM, Math.max(1, before * factor));
    const ratio = this.view.zoom / before;
    this.view.x = x - (x - this.view.x) * ratio;
    this.view.y = y - (y - this.view.y) * ratio;
    this.redraw();
  }

  showLungs() {
    if (!this.canShowLungs) return;
    this.lungs = !this.lungs;
    this.redraw();
    this.tell("lungs", this.lungs);
  }

  fromMiddle(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  }

  listen() {
    const { canvas, root } = this;
    canvas.addEventListener("wheel", (event) => {
      if (event.ctrlKey && !event.deltaY) return;
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : 1);
      this.zoomBy(Math.exp(-pixels / 400), ...this.fromMiddle(event));
    }, { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("dblclick", (event) => this.zoomBy(2, ...this.fromMiddle(event)));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, event);
      const grades = event.button === 2 || event.shiftKey;
      // From where the drag began, so that rounding on the way does not add up.
      this.grading = grades ? { x: event.clientX, y: event.clientY, ...this.tone } : null;
    });
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    for (const name of ["window", "level"]) {
      const slider = root.querySelector(`[name=${name}]`);
      slider.addEventListener("input", () => this.setTone({ [name]: Number(slider.value) }));
    }
    for (const button of root.querySelectorAll("[data-preset]")) {
      button.addEventListener("click", () => this.setTone(PRESETS[button.dataset.preset]));
    }
    root.querySelector("[data-action=invert]").addEventListener("click", () => this.setTone({ inverted: !this.tone.inverted }));
    root.querySelector("[data-action=reset]").addEventListener("click", () => this.reset());
  }

  onMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before || !this.source) return;
    const moveX = event.clientX - before.clientX, moveY = event.clientY - before.clientY;
    if (this.pointers.size === 2) {
      const other = [...this.pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
      const apart = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
      this.view.x += moveX / 2;
      this.view.y += moveY / 2;
      this.zoomBy(apart(event) / Math.max(1, apart(before)), ...this.fromMiddle({
        clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2,
      }));
    } else if (this.grading) {
      const { x, y, window, level } = this.grading;
      this.setTone({ window: window + event.clientX - x, level: level - event.clientY + y });
    } else {
      this.view.x += moveX;
      this.view.y += moveY;
      this.redraw();
    }
    this.pointers.set(event.pointerId, event);
  }

  onKey(event) {
    const typing = event.target.closest?.("textarea, [contenteditable=true], input:not([type=range]), [role=combobox]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !this.source) return;
    const key = event.key.toLowerCase();
    if (key in PRESETS) this.setTone(PRESETS[key]);
    else if (key === "0") this.reset();
    else if (key === "i") this.setTone({ inverted: !this.tone.inverted });
    else if (key === "m") this.showLungs();
    else if (key === "+" || key === "=") this.zoomBy(1.25);
    else if (key === "-") this.zoomBy(0.8);
  }
}

// A picture ready to draw; null where it cannot be decoded, which leaves the plain picture in its place.
async function decoded(address) {
  const picture = new Image();
  picture.src = address;
  try {
    await picture.decode();
    return picture;
  } catch {
    return null;
  }
}
