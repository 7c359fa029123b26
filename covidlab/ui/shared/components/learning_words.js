// What the view of how a run learned says: the legend with its figures, the label of the epoch, the sentence for screen readers.

const PLAY = "▶", PAUSE = "❚❚";

function describeLearning(learning) {
  const { told, find, frames } = learning;
  const epoch = learning.epoch(), plays = frames.length > 0;
  const name = epochName(learning, epoch);
  const play = find("play");
  play.textContent = learning.playing ? `${PAUSE} ${tr("Pause")}` : `${PLAY} ${tr("Play")}`;
  play.disabled = !plays;
  find("epoch").textContent = plays ? name : "";
  find("took").textContent = plays ? tookText(learning) : "";
  find("controls").hidden = find("time").hidden = !plays;
  find("scrubber").setAttribute("aria-valuetext", name);
  describeFigures(learning, epoch);
  const hasGaps = Object.keys(told.gaps).length > 0;
  find("gap").hidden = !hasGaps;
  find("gap").textContent = told.gaps[epoch]?.sentence ?? "";
  find("gap").classList.toggle("learning-empty", !told.gaps[epoch]);
  find("gap").classList.toggle("learning-unclear", told.gaps[epoch]?.clear === false);
  find("note").hidden = !told.note;
  find("note").textContent = told.note;
  describeLegend(learning);
  find("dots").setAttribute("aria-label", dotsSummary(learning));
  find("curve").setAttribute("aria-label", spokenSummary(learning));
  learning.drawProgress();
}

function epochName({ told, span, last }, epoch) {
  if (epoch === 0) return tr("Before learning");
  const of = told.active ? told.planned : Math.max(epoch, ...(told.split.epoch ?? []), ...told.epochs.slice(-1));
  return tr("After epoch {epoch} of {of}", { epoch, of });
}

function describeLegend(learning) {
  const { told, find, films } = learning;
  const flipped = told.flips.filter(Boolean).length;
  const waits = !told.epochs.length;
  find("legend").hidden = !films.file.length || waits;
  find("key-flip").textContent = tr("changed side after epoch 1 ({flipped})", { flipped });
  find("key-flip").hidden = !flipped;
}

function tookText(learning) {
  const { told } = learning;
  const done = Math.max(0, ...(told.split.epoch ?? []));
  if (told.active) return done ? trMany(done, "The run goes on at its own speed: {number} epoch so far.", "The run goes on at its own speed: {number} epochs so far.") : "";
  const [took, played] = [told.seconds, learning.playSeconds() / learning.speed].map(secondsText);
  return trMany(done, "{number} epoch took {took}; played in {played}.", "{number} epochs took {took}; played in {played}.", { took, played });
}

// The legend of the curves is also where their figures stand.
function describeFigures(learning, epoch) {
  const { told, ghost, find } = learning;
  const rows = [crossedRow(told, epoch), splitRow(told, epoch)];
  if (ghost) rows.push(ghostRow(ghost, epoch));
  find("figures").replaceChildren(...rows.filter(Boolean).map(figureRow));
}

function crossedRow(told, epoch) {
  const figure = figureAt(told.crossed, epoch);
  if (!figure) return { kind: "crossed", title: tr("Cross-validated accuracy"), value: "", more: told.crossed_note };
  const title = tr("Cross-validated accuracy, {over}", { over: told.over });
  const spread = tr("single repeats {lowest} to {highest}", { lowest: shortNumber(figure.lowest), highest: shortNumber(figure.highest) });
  const said = { interval: intervalText(figure), xrays: xraysText(told.num_films), patients: told.num_patients, spread };
  const more = told.num_patients ? tr("({interval}, n = {xrays} of {patients} patients; {spread})", said) : tr("({interval}, n = {xrays}; {spread})", said);
  return { kind: "crossed", title, value: numberOrNone(figure.accuracy), more };
}

function splitRow(told, epoch) {
  const figure = figureAt(told.split, epoch);
  if (!figure) return null;
  const title = trMany(told.num_validation, "This {number} validation X-ray", "These {number} validation X-rays");
  return { kind: "split", title, value: numberOrNone(figure.accuracy), more: `(${intervalText(figure)}, n = ${told.num_validation})` };
}

function ghostRow(ghost, epoch) {
  const crossed = figureAt(ghost.crossed, epoch), figure = crossed ?? figureAt(ghost.split, epoch);
  if (!figure) return null;
  const { name } = ghost;
  const title = crossed ? tr("The run before, {name}, cross-validated", { name }) : tr("The run before, {name}, its validation X-rays", { name });
  return { kind: "ghost", title, value: numberOrNone(figure.accuracy), more: `(${intervalText(figure)}, n = ${crossed ? xraysText(ghost.num_films) : ghost.num_validation})` };
}

function figureRow({ kind, title, value, more }) {
  const row = document.createElement("p");
  row.className = `learning-figure learning-figure-${kind}`;
  const strong = document.createElement("strong");
  strong.textContent = value;
  row.append(`${title}${value ? ": " : more ? ": " : ""}`, strong, ` ${more}`);
  return row;
}

function dotsSummary({ told, films, field, at }) {
  const kinds = field.source.lanes.map((name, lane) => {
    const [text] = field.waits ? field.countOf(lane) : field.sideOf(lane, at);
    return `${name}: ${text}`;
  });
  const said = { xrays: xraysText(films.file.length), name: field.source.lanes[0] ?? tr("the positive class"), kinds: kinds.join(". ") };
  return tr("{xrays} by the probability of {name}. {kinds}. The arrows up and down choose an X-ray, left and right an epoch; the space bar plays.", said);
}

function spokenSummary(learning) {
  const { told, field } = learning;
  const epoch = learning.epoch();
  const sides = told.epochs.length ? field.source.lanes.map((name, lane) => `${name}: ${field.sideOf(lane, learning.at).at(-1)}`) : [];
  const figures = [crossedRow(told, epoch), splitRow(told, epoch)].filter((row) => row?.value).map((row) => `${row.title}: ${row.value}`);
  return [epochName(learning, epoch), ...sides, ...figures, told.gaps[epoch]?.sentence ?? ""].filter(Boolean).join(". ");
}

function intervalText({ low, high }) {
  return low === null || high === null ? tr("no interval") : tr("95 % interval {low} to {high}", { low: shortNumber(low), high: shortNumber(high) });
}

function numberOrNone(value) {
  return value === null ? tr("not defined") : shortNumber(value);
}

function xraysText(number) {
  return trMany(number, "{number} X-ray", "{number} X-rays");
}

function secondsText(seconds) {
  if (seconds < 0.1) return tr("less than {seconds} s", { seconds: decimals(0.1, 1) });
  if (seconds < 10) return `${decimals(seconds, 1)} s`;
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
