
// One X-ray of the viewer: its canvas, its overlay, and the gestures on it. Added to xray_viewer.js.

// A finger that has moved less has tapped.
const TAP_PIXELS = 10;

class Pane {
  constructor(viewer) {
    this.viewer = viewer;
    this.place = element("div", "xray-pane");
    this.place.setAttribute("role", "group");
    this.title = element("p", "xray-title");
    this.stage = element("div", "xray-stage");
    this.canvas = element("canvas");
    Object.assign(this.canvas, { tabIndex: 0 }).setAttribute("role", "img");
    this.error = element("p", "xray-error", tr("The browser cannot show this X-ray."));
    this.error.hidden = true;
    this.scale = element("div", "xray-scale");
    this.caption = element("p", "xray-caption");
    const below = element("div", "xray-below");
    below.append(this.scale, this.caption);
    this.stage.append(this.canvas, this.error);
    this.place.append(this.title, this.stage, below);
    this.graded = document.createElement("canvas");
    this.listen();
  }

  update(data, { height, colours }) {
    this.place.setAttribute("aria-label", data.title || data.alt);
    this.canvas.setAttribute("aria-label", data.alt);
    this.title.textContent = data.title;
    this.title.hidden = !data.title;
    this.caption.textContent = data.caption;
    this.caption.hidden = !data.caption;
    this.stage.style.maxHeight = `min(${height}px, 75vh)`;
    this.showScale(data, colours);
    if (data.picture !== this.pictureAddress) this.load(data.picture);
    if (data.overlay !== this.overlayAddress) this.loadOverlay(data.overlay);
  }

  // What lies over the X-ray, and what its colours mean where they stand for little to much.
  showScale({ overlay, overlay_title: title }, colours) {
    this.scale.hidden = !overlay;
    this.scale.replaceChildren(...(overlay && title ? [element("b", "", title)] : []));
    if (!overlay || !colours.length) return;
    const bar = element("i");
    bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
    this.scale.append(element("span", "", tr("little")), bar, element("span", "", tr("much")), element("span", "", tr("(relative to this X-ray)")));
  }

  async load(address) {
    this.pictureAddress = address;
    const picture = await decoded(address);
    if (this.pictureAddress !== address) return;
    this.error.hidden = Boolean(picture);
    this.source = null;
    if (picture) {
      const { width, height } = picture;
      Object.assign(this.graded, { width, height });
      this.ink = this.graded.getContext("2d", { willReadFrequently: true });
      this.ink.drawImage(picture, 0, 0);
      this.source = this.ink.getImageData(0, 0, width, height);
      this.result = this.ink.createImageData(width, height);
      this.stage.style.setProperty("--xray-ratio", width / height);
      this.isGrey = isGrey(this.source.data);
    }
    this.place.toggleAttribute("data-ready", Boolean(picture));
    this.viewer.fitStages();
  }

  async loadOverlay(address) {
    this.overlayAddress = address;
    this.overlay = null;
    const overlay = address ? await decoded(address) : null;
    if (this.overlayAddress !== address) return;
    this.overlay = overlay;
    this.viewer.redraw();
  }

  // Width and height in CSS pixels of the whole X-ray at a zoom.
  shownSize(zoom = this.viewer.state.zoom) {
    const { width, height } = this.source ?? { width: 1, height: 1 };
    const scale = zoom * Math.min(this.canvas.clientWidth / width, this.canvas.clientHeight / height) || 1;
    return [width * scale, height * scale];
  }

  // Half of what is seen of an axis, as a share of the X-ray; a half or more where all of it is seen.
  halfSeen(axis) {
    const [width, height] = this.shownSize();
    return axis === "x" ? this.canvas.clientWidth / width / 2 : this.canvas.clientHeight / height / 2;
  }

  // The point in the middle: that of all panes, or what is nearest to it without leaving this X-ray.
  middle() {
    const at = (axis) => {
      const half = Math.min(0.5, this.halfSeen(axis));
      return bounded(this.viewer.state[axis], half, 1 - half);
    };
    return { x: at("x"), y: at("y") };
  }

  grade(table) {
    if (!this.source) return;
    const from = this.source.data;
    if (this.isGrey) {
      const to = new Uint32Array(this.result.data.buffer);
      for (let place = 0; place < to.length; place++) to[place] = table.words[from[place * 4]];
    } else {
      const to = this.result.data;
      for (let place = 0; place < from.length; place += 4) {
        to[place] = table.greys[from[place]];
        to[place + 1] = table.greys[from[place + 1]];
        to[place + 2] = table.greys[from[place + 2]];
        to[place + 3] = 255;
      }
    }
    this.ink.putImageData(this.result, 0, 0);
  }

  draw() {
    const { canvas, viewer } = this;
    if (!this.source || !canvas.clientWidth) return;
    const dots = globalThis.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * dots), height = Math.round(canvas.clientHeight * dots);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const paint = canvas.getContext("2d");
    const [columns, rows] = this.shownSize().map((side) => side * dots);
    const { x, y } = this.middle();
    const box = [width / 2 - x * columns, height / 2 - y * rows, columns, rows];
    paint.fillStyle = "#000";
    paint.fillRect(0, 0, width, height);
    // Pixels are seen as such where each is large.
    paint.imageSmoothingEnabled = columns / this.source.width < 4;
    paint.drawImage(this.graded, ...box);
    if (!this.overlay || !viewer.state.overlay) return;
    paint.imageSmoothingEnabled = true;
    paint.globalAlpha = viewer.state.opacity / 100;
    paint.drawImage(this.overlay, ...box);
    paint.globalAlpha = 1;
  }

  fromMiddle({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  }

  listen() {
    const { canvas, viewer } = this;
    canvas.addEventListener("wheel", (event) => {
      // Who only scrolls past is not held; the browser sends a pinch on a touchpad with Ctrl.
      if (!event.ctrlKey && !viewer.root.contains(document.activeElement)) return;
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : 1);
      viewer.zoomBy(Math.exp(-pixels / (event.ctrlKey && Math.abs(pixels) < 50 ? 100 : 400)), this, ...this.fromMiddle(event));
    }, { passive: false });
    // Without a drag: what is clicked twice comes to the middle.
    canvas.addEventListener("dblclick", (event) => {
      const [x, y] = this.fromMiddle(event);
      viewer.moveBy(-x, -y, this);
    });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    // The middle button would scroll by itself.
    canvas.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
    // One finger scrolls the page (touch-action in the style); two would scroll it too where they move the same way.
    for (const name of ["touchstart", "touchmove"]) canvas.addEventListener(name, (event) => {
      if (event.touches.length > 1 && event.cancelable) event.preventDefault();
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.onUp(event));
  }

  onDown(event) {
    const { canvas, viewer } = this, { pointers } = viewer;
    const isFinger = event.pointerType !== "mouse";
    if (!isFinger || viewer.isActive) canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    // The first of all: of one before it the end was not heard.
    if (event.isPrimary) pointers.clear();
    pointers.set(event.pointerId, event);
    const { window, level } = viewer.state;
    // With a second finger the first was not meant to change grey values.
    if (pointers.size > 1 && viewer.grading) viewer.change({ window: viewer.grading.window, level: viewer.grading.level });
    const grades = pointers.size === 1 && event.button === 0 && !event.shiftKey && (!isFinger || viewer.isActive);
    // From where the drag began, so that rounding on the way does not add up.
    viewer.grading = grades ? { x: event.clientX, y: event.clientY, window, level } : null;
    viewer.tap = isFinger && pointers.size === 1 ? event : null;
  }

  onMove(event) {
    const { viewer } = this, { pointers, grading } = viewer;
    const before = pointers.get(event.pointerId);
    if (!before || !this.source) return;
    const across = event.clientX - before.clientX, down = event.clientY - before.clientY;
    if (pointers.size === 2) {
      this.pinch(event, before, [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId));
    } else if (grading) {
      viewer.change({ window: grading.window + event.clientX - grading.x, level: grading.level - event.clientY + grading.y });
    } else if (event.pointerType === "mouse") {
      viewer.moveBy(across, down, this);
    }
    pointers.set(event.pointerId, event);
  }

  onUp(event) {
    const { viewer } = this, { tap } = viewer;
    viewer.pointers.delete(event.pointerId);
    viewer.grading = viewer.tap = null;
    if (event.type !== "pointerup" || tap?.pointerId !== event.pointerId) return;
    if (Math.hypot(event.clientX - tap.clientX, event.clientY - tap.clientY) < TAP_PIXELS) {
      viewer.setActive(true);
      this.canvas.focus({ preventScroll: true });
    }
  }

  // Two fingers: their middle moves the X-ray, their distance zooms.
  pinch(event, before, other) {
    const apart = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
    const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
    this.viewer.moveBy((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2, this);
    this.viewer.zoomBy(apart(event) / Math.max(1, apart(before)), this, ...this.fromMiddle(middle));
  }
}

// Values below level - window / 2 are black, above level + window / 2 white, linear between; as bytes and as pixels.
function greyTable({ window, level, inverted }) {
  const greys = Uint8ClampedArray.from({ length: 256 }, (_, value) => ((value - level) / window + 0.5) * 255);
  if (inverted) greys.forEach((grey, value) => (greys[value] = 255 - grey));
  const words = Uint32Array.from(greys, (grey) => (255 << 24) | (grey << 16) | (grey << 8) | grey);
  return { greys, words };
}

function isGrey(pixels) {
  for (let place = 0; place < pixels.length; place += 4) {
    if (pixels[place] !== pixels[place + 1] || pixels[place] !== pixels[place + 2]) return false;
  }
  return true;
}

function bounded(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

function element(kind, name = "", text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}

// A picture ready to draw; null where it cannot be decoded.
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
