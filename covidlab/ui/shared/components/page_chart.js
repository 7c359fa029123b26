// One chart of a finished run. Its figure is the same for all who look, so the browser fetches it by its address and keeps it.

const charts = new WeakMap();
const figures = new Map();

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".page-chart");
  if (!charts.has(place)) charts.set(place, new ResizeObserver(() => resizeFigure(place)));
  charts.get(place).observe(place);
  place.style.minHeight = `${data.height}px`;
  show(place, data);
  return () => charts.get(place).disconnect();
}

async function show(place, { address, name, alt, plotly }) {
  const content = `${address} ${name}`;
  if (place.dataset.shown === content) return;
  place.dataset.shown = content;
  try {
    const figure = (await fetched(address))[name];
    if (place.dataset.shown === content) await drawFigure(place, figure, alt, plotly);
  } catch {
    // The server is away: the next run of the page asks again.
    if (place.dataset.shown === content) delete place.dataset.shown;
  }
}

// The charts of a page ask for the same address: one request for all.
function fetched(address) {
  if (!figures.has(address)) {
    if (figures.size > 8) figures.clear();
    const asked = fetch(address).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))));
    asked.catch(() => figures.delete(address));
    figures.set(address, asked);
  }
  return figures.get(address);
}
