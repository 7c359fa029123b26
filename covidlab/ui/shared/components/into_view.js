// Brings the place where it stands into view, and the keyboard there, once for each turn that the page asks for.

let lastTurn = "";

export default function ({ data, parentElement }) {
  if (!data.turn || data.turn === lastTurn) return;
  lastTurn = data.turn;
  const place = parentElement.querySelector(".into-view");
  place.setAttribute("aria-label", data.name);
  place.focus({ preventScroll: true });
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
}
