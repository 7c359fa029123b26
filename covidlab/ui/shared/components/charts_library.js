
// What all charts of a page share: Plotly, the page's letters, the whole screen. Added to the components that draw charts.

const QUIET = { displayModeBar: false };

// Once for all charts of a page, whichever asks first.
function loadPlotly(address) {
  globalThis.covidlabPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(globalThis.Plotly);
    script.onerror = () => {
      delete globalThis.covidlabPlotly;
      script.remove();
      reject(new Error("Plotly did not come."));
    };
    document.head.append(script);
  });
  return globalThis.covidlabPlotly;
}

// Draws a figure into a place, or changes what is there; the colours come from the style sheet.
async function drawFigure(place, figure, alt, plotlyAddress) {
  if (!place.firstChild) furnish(place);
  place.firstChild.setAttribute("aria-label", alt);
  const title = figure.layout.title?.text?.replace(/<[^>]*>/g, " ");
  place.querySelector(".page-chart-full").setAttribute("aria-label", [tr("Full screen"), title].filter(Boolean).join(": "));
  place.figure = figure;
  const plotly = await loadPlotly(plotlyAddress);
  if (place.isConnected && place.figure === figure) await plotly.react(place.firstChild, figure.data, layoutFor(place), QUIET);
}

// Follows a change of the width.
function resizeFigure(place) {
  const plot = place.firstChild;
  if (plot?.classList.contains("js-plotly-plot") && place.clientWidth) globalThis.Plotly.Plots.resize(plot);
}

function furnish(place) {
  const button = document.createElement("button");
  button.className = "page-chart-full";
  button.type = "button";
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : place.requestFullscreen()));
  place.addEventListener("fullscreenchange", () => globalThis.Plotly?.react(place.firstChild, place.figure.data, layoutFor(place), QUIET));
  const plot = document.createElement("div");
  plot.setAttribute("role", "img");
  place.append(plot, button);
}

function layoutFor(place) {
  const { layout } = place.figure;
  const font = { family: getComputedStyle(place).fontFamily, size: 12, ...layout.font };
  const height = document.fullscreenElement === place ? globalThis.innerHeight - 32 : layout.height;
  return { separators: separators(), ...layout, autosize: true, font, height };
}
