// Space and Enter become Shift+Space, by which the table chooses the row of the cell that has the focus.

const CHOOSE = { key: " ", code: "Space", keyCode: 32, shiftKey: true, bubbles: true, cancelable: true, composed: true };

export default function ({ data }) {
  const listen = (event) => {
    const plain = event.isTrusted && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!plain || !["Enter", " "].includes(event.key) || !event.target.closest?.(data.tables)) return;
    // The buttons above the table keep their own keys.
    if (event.target.closest("button, input, textarea")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.dispatchEvent(new KeyboardEvent("keydown", CHOOSE));
  };
  document.addEventListener("keydown", listen, true);
  return () => document.removeEventListener("keydown", listen, true);
}
