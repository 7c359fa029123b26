// One X-ray with each of the named changes: how it looks, and what the model says before and after.

const strips = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".alter-strip");
  if (!strips.has(root)) strips.set(root, new Strip(root));
  const strip = strips.get(root);
  strip.set(data);
  return () => strip.end();
}

class Strip {
  constructor(root) {
    this.root = root;
  }

  set(data) {
    if (this.data?.subject === data.subject && !this.hasStopped) return;
    this.end();
    this.hasStopped = false;
    this.data = data;
    this.found = new Map();
    this.cards = new Map(data.changes.map((change) => [change.name, this.card(change)]));
    this.root.replaceChildren(...this.cards.values());
    // One by one, so that what is dragged meanwhile never waits long.
    for (const { name } of data.changes) this.ask(name);
  }

  ask(name) {
    const subject = this.data.subject;
    askLater(this, addressOf(this.data, [name], false), (found, trouble, isBusy) => {
      if (this.data.subject !== subject) return;
      if (isBusy) return this.ask(name);
      if (found) this.found.set(name, found[0]);
      this.fill(name, trouble);
    });
  }

  card({ name, title }) {
    const card = document.createElement("figure");
    card.innerHTML = `<img loading="lazy" /><figcaption><div class="alter-mini" aria-hidden="true"><i></i><b></b></div><strong></strong><span></span></figcaption>`;
    const image = card.querySelector("img");
    image.alt = `${this.data.alt}: ${title}`;
    image.src = pictureOf(this.data, name);
    card.querySelector("span").textContent = title;
    card.style.setProperty("--threshold", placeOf(this.data.threshold));
    return card;
  }

  fill(name, trouble) {
    const card = this.cards.get(name), probability = this.found.get(name);
    const place = card.querySelector("strong");
    if (probability === undefined) return void (place.textContent = trouble ?? "");
    const before = this.found.get("whole");
    card.style.setProperty("--probability", placeOf(probability));
    const [now, earlier] = [probability, before ?? probability].map(probabilityText);
    place.textContent = name === "whole" || before === undefined ? now : `${earlier} → ${now}`;
    const { threshold } = this.data;
    card.classList.toggle("alter-other", before !== undefined && before >= threshold !== probability >= threshold);
  }

  end() {
    forget(this);
    this.hasStopped = true;
  }
}
