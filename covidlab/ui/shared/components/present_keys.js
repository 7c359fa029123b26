// Keys of a lesson, also those of a clicker (Page Down, Page Up): each presses the button of the page that does the same.

const OWN_ARROWS = "input, textarea, select, [contenteditable='true'], [role='slider'], [role='radio'], [role='combobox'], [role='menu']";
const OWN_SPACE = `${OWN_ARROWS}, button, a, summary`;

export default function ({ data, parentElement }) {
  const said = parentElement.querySelector(".present-said");
  if (said.textContent !== data.said) said.textContent = data.said;
  const listen = (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    if (event.defaultPrevented || altKey || ctrlKey || metaKey || event.repeat) return;
    const name = data.keys[key.length === 1 ? key.toLowerCase() : key];
    if (!name || target.closest?.(key === " " ? OWN_SPACE : OWN_ARROWS) || document.querySelector("[role='dialog']")) return;
    const button = document.querySelector(`.st-key-${name} button`);
    event.preventDefault();
    if (!button?.disabled) button?.click();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
