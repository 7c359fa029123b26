// One X-ray of the dots: large, with the path of its probability over the epochs.

class XRayCard {
  constructor(learning) {
    this.learning = learning;
    this.element = learning.find("card");
    this.index = null;
    this.find = (selector) => this.element.querySelector(selector);
    this.find("button").addEventListener("click", () => this.openIt());
  }

  // The pointer of a mouse is over the dots.
  point(x, y) {
    if (this.pinned) return;
    const index = this.learning.field.hit(x, y);
    this.learning.find("dots").style.cursor = index !== null && this.learning.data.opens ? "pointer" : "";
    if (index === this.index) return;
    if (index === null) this.hide();
    else this.show(index);
  }

  leave() {
    if (!this.pinned) this.hide();
  }

  // A click opens; a finger, which cannot point, first shows.
  press(x, y, pointer) {
    const index = this.learning.field.hit(x, y);
    if (index === null) return this.hide();
    if (pointer === "mouse" && this.learning.data.opens) {
      this.show(index);
      return this.openIt();
    }
    this.pinned = true;
    this.show(index);
  }

  // Along the X-rays from low to high probability, by the keys.
  move(direction) {
    const { field, films } = this.learning;
    const order = [...films.file.keys()].sort((a, b) => field.spots[a].x - field.spots[b].x || field.spots[a].y - field.spots[b].y);
    const place = this.index === null ? (direction > 0 ? -1 : order.length) : order.indexOf(this.index);
    this.pinned = true;
    this.show(order[Math.max(0, Math.min(order.length - 1, place + direction))]);
    this.describe(this.learning.epoch());
    this.learning.find("said").textContent = `${this.find(".learning-card-title").textContent}. ${this.find(".learning-card-facts").textContent}`;
  }

  show(index) {
    const { learning } = this;
    this.index = index;
    const picture = this.find("img"), source = `${learning.field.sheetOf}/xrays/${index}`;
    if (picture.getAttribute("src") !== source) {
      picture.style.visibility = "hidden";
      picture.onload = () => (picture.style.visibility = "");
      picture.src = source;
    }
    this.element.hidden = false;
    this.element.classList.toggle("learning-pinned", Boolean(this.pinned));
    this.find("button").hidden = !this.pinned || !learning.data.opens;
    this.shownAt = null;
    learning.redraw();
  }

  hide() {
    this.pinned = false;
    if (this.index === null) return;
    this.index = null;
    this.element.hidden = true;
    this.learning.redraw();
  }

  openIt() {
    if (this.learning.data.opens && this.index !== null) this.learning.open(this.index);
  }

  // With every picture that is drawn: the card stays beside its X-ray, and says what is so at this epoch.
  follow() {
    const { learning, index } = this;
    if (index === null || !learning.field.spots?.[index]) return;
    this.beside(learning.field.spots[index]);
    const epoch = learning.epoch();
    if (this.shownAt === epoch) return;
    this.shownAt = epoch;
    this.describe(epoch);
    this.drawPath();
  }

  beside({ x, y }) {
    const { clientWidth, offsetWidth, offsetHeight } = { clientWidth: this.learning.root.clientWidth, offsetWidth: this.element.offsetWidth, offsetHeight: this.element.offsetHeight };
    const gap = this.learning.field.measures.dot / 2 + 12;
    const left = x + gap + offsetWidth <= clientWidth ? x + gap : x - gap - offsetWidth;
    this.element.style.left = `${Math.max(0, Math.min(clientWidth - offsetWidth, left))}px`;
    this.element.style.top = `${Math.max(0, y - offsetHeight / 3)}px`;
  }

  describe(epoch) {
    const { told, films, field, data } = this.learning;
    const { index } = this;
    const { file: files, patient: patients } = films;
    const patient = patients[index] ? tr("patient {patient}", { patient: patients[index] }) : files[index].split("/").at(-1);
    const kind = field.source.lanes[films.lane[index]];
    const side = field.waits ? "" : films.validation[index] ? tr("validation") : tr("training");
    this.find(".learning-card-title").textContent = [kind, patient, side].filter(Boolean).join(" · ");
    this.find("img").alt = tr("Chest X-ray, class {kind}, {patient}", { kind, patient });
    const value = this.path().at(told.epochs.findLastIndex((each) => each <= epoch));
    const said = { name: field.source.lanes[0], epoch, probability: field.waits ? "" : probabilityText(value) };
    const facts = epoch ? tr("Probability of {name} after epoch {epoch}: {probability}", said) : tr("Probability of {name} before learning: {probability}", said);
    this.find(".learning-card-facts").textContent = field.waits ? "" : facts;
    const others = field.samePatient(index).length - 1;
    const more = [
      told.flips[index] && !field.waits ? trMany(told.flips[index], "Changed side once after epoch 1.", "Changed side {number} times after epoch 1.") : "",
      others ? trMany(others, "{number} more X-ray of this patient, joined by the line.", "{number} more X-rays of this patient, joined by the line.") : "",
      data.opens && !this.pinned ? tr("Click to open it.") : "",
    ];
    this.find(".learning-card-more").textContent = more.filter(Boolean).join(" ");
  }

  path() {
    return this.learning.told.probabilities.map((row) => row[this.index]);
  }

  drawPath() {
    const { learning } = this;
    const { told, at } = learning;
    const canvas = this.find("canvas");
    canvas.hidden = learning.field.waits;
    if (canvas.hidden) return;
    const look = lookOf(learning.root, learning.data.large);
    const height = 84, context = fitted(canvas, height), width = canvas.clientWidth;
    const x = (epoch) => 4 + (epoch / learning.span()) * (width - 8), y = (value) => height - 4 - value * (height - 8);
    context.fillStyle = faded(look.text, 0.05);
    context.fillRect(0, 0, width, height);
    context.strokeStyle = faded(look.text, 0.6);
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(0, y(told.threshold));
    context.lineTo(width, y(told.threshold));
    context.stroke();
    context.setLineDash([]);
    context.strokeStyle = look.honest;
    context.lineWidth = 2;
    context.beginPath();
    this.path().forEach((value, place) => context.lineTo(x(told.epochs[place]), y(value)));
    context.stroke();
    const value = this.path().at(told.epochs.findLastIndex((each) => each <= at + 1e-6));
    context.fillStyle = look.honest;
    context.beginPath();
    context.arc(x(learning.epoch()), y(value), 5, 0, 2 * Math.PI);
    context.fill();
  }
}
