// Cards of films, all in one element: Streamlit draws one message faster than a hundred. No library and no network:
// the pictures come as data addresses.

const drawn = new WeakMap();

// Streamlit calls this at every run of the page, with new data for the same element.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".film-grid");
  const content = JSON.stringify(data.cards);
  if (drawn.get(grid) !== content) {
    drawn.set(grid, content);
    grid.replaceChildren(...data.cards.map((card) => cardElement(card, () => setTriggerValue("open", card.file))));
  }
  const said = parentElement.querySelector(".film-grid-said");
  // What has changed is said, not how it was when the page was opened.
  if (said.dataset.told !== undefined && said.dataset.told !== data.said) said.textContent = data.said;
  said.dataset.told = data.said;
  const place = data.cards.findIndex(({ file }) => file === data.focused);
  // Also scrolls to it.
  if (place >= 0) grid.children[place].focus();
}

function cardElement(card, open) {
  const button = element("button", "film-card");
  button.type = "button";
  button.addEventListener("click", open);
  if (card.picture) {
    const picture = element("img");
    picture.alt = card.name;
    picture.src = card.picture;
    button.append(picture);
  } else {
    button.append(element("span", "film-error", card.error));
  }
  const kind = element("span", "film-kind", card.kind), who = element("span", "film-who", card.who);
  // What the name of the picture says already is not said twice.
  kind.ariaHidden = Boolean(card.picture);
  who.ariaHidden = Boolean(card.picture) && card.name.includes(card.who);
  button.append(kind, who);
  const flags = element("span", "film-flags");
  flags.append(...card.flags.map(({ label, strong }) => element("span", strong ? "film-flag strong" : "film-flag", label)));
  if (card.flags.length) button.append(flags);
  return button;
}

function element(kind, name = "", text = "") {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}
