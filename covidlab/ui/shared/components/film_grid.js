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
  button.append(element("span", "film-kind", card.kind), element("span", "film-who", card.who));
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
