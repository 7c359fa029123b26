// Keys of a lesson, also those of a clicker (Page Down, Page Up): each presses the button of the page that does the same.

// Where somebody types, every key is theirs; a slider needs the arrows and Home, a button the space bar.
const TYPED_INTO = "textarea, select, [contenteditable='true'], input:not([type='range'], [type='radio'], [type='checkbox'])";
const OWN_MOVES = `${TYPED_INTO}, input, [role='slider'], [role='radio'], [role='menu']`;
const OWN_SPACE = `${OWN_MOVES}, button, a, summary`;

function keepsKey(key) {
  if (key === " ") return OWN_SPACE;
  return key.startsWith("Arrow") || key === "Home" ? OWN_MOVES : TYPED_INTO;
}

export default function ({ data, parentElement }) {
  const said = parentElement.querySelector(".present-said");
  if (said.textContent !== data.said) said.textContent = data.said;
  const listen = (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (event.defaultPrevented || altKey || ctrlKey || metaKey || event.repeat) return;
    const name = data.keys[key];
    if (!name || target.closest?.(keepsKey(key)) || document.querySelector("[role='dialog']")) return;
    const button = document.querySelector(`.st-key-${name} button`);
    event.preventDefault();
    if (!button?.disabled) button?.click();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
