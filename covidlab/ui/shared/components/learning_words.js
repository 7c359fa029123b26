// What the view of how a run learned says: the legend with its figures, the label of the epoch, the sentence for screen readers.

const PLAY = "▶", PAUSE = "❚❚";

function describeLearning(learning) {
  const { told, find, frames } = learning;
  const epoch = learning.epoch(), plays = frames.length > 0;
  const name = epochName(learning, epoch);
  const play = find("play");
  play.textContent = learning.playing ? `${PAUSE} Pause` : `${PLAY} Play`;
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
  if (epoch === 0) return "Before learning";
  const of = told.active ? told.planned : Math.max(epoch, ...(told.split.epoch ?? []), ...told.epochs.slice(-1));
  return `After epoch ${epoch} of ${of}`;
}

function describeLegend(learning) {
  const { told, find, films } = learning;
  const flipped = told.flips.filter(Boolean).length;
  const waits = !told.epochs.length;
  find("legend").hidden = !films.file.length || waits;
  find("key-flip").textContent = `changed side after epoch 1 (${flipped})`;
  find("key-flip").hidden = !flipped;
}

function tookText(learning) {
  const { told } = learning;
  const done = Math.max(0, ...(told.split.epoch ?? []));
  if (told.active) return done ? `The run goes on at its own speed: ${countOf(done, "epoch")} so far.` : "";
  return `${countOf(done, "epoch")} took ${secondsText(told.seconds)}; played in ${secondsText(learning.playSeconds() / learning.speed)}.`;
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
  const title = `Cross-validated accuracy, ${told.over}`;
  if (!figure) return { kind: "crossed", title: "Cross-validated accuracy", value: "", more: told.crossed_note };
  const patients = told.num_patients ? ` of ${told.num_patients} patients` : "";
  const spread = `single repeats ${shortNumber(figure.lowest)} to ${shortNumber(figure.highest)}`;
  return { kind: "crossed", title, value: numberOrNone(figure.accuracy), more: `(${intervalText(figure)}, n = ${countOf(told.num_films, "X-ray")}${patients}; ${spread})` };
}

function splitRow(told, epoch) {
  const figure = figureAt(told.split, epoch);
  if (!figure) return null;
  return { kind: "split", title: `These ${countOf(told.num_validation, "validation X-ray")}`, value: numberOrNone(figure.accuracy), more: `(${intervalText(figure)}, n = ${told.num_validation})` };
}

function ghostRow(ghost, epoch) {
  const crossed = figureAt(ghost.crossed, epoch), figure = crossed ?? figureAt(ghost.split, epoch);
  if (!figure) return null;
  const what = crossed ? "cross-validated" : "its validation X-rays";
  return { kind: "ghost", title: `The run before, ${ghost.name}, ${what}`, value: numberOrNone(figure.accuracy), more: `(${intervalText(figure)}, n = ${crossed ? countOf(ghost.num_films, "X-ray") : ghost.num_validation})` };
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
  const count = countOf(films.file.length, "X-ray");
  return `${count} by the probability of ${field.source.lanes[0] ?? "the positive class"}. ${kinds.join(". ")}. The arrows up and down choose an X-ray, left and right an epoch; the space bar plays.`;
}

function spokenSummary(learning) {
  const { told, field } = learning;
  const epoch = learning.epoch();
  const sides = told.epochs.length ? field.source.lanes.map((name, lane) => `${name}: ${field.sideOf(lane, learning.at).at(-1)}`) : [];
  const figures = [crossedRow(told, epoch), splitRow(told, epoch)].filter((row) => row?.value).map((row) => `${row.title}: ${row.value}`);
  return [epochName(learning, epoch), ...sides, ...figures, told.gaps[epoch]?.sentence ?? ""].filter(Boolean).join(". ");
}

function intervalText({ low, high }) {
  return low === null || high === null ? "no interval" : `95 % interval ${shortNumber(low)} to ${shortNumber(high)}`;
}

function numberOrNone(value) {
  return value === null ? "not defined" : shortNumber(value);
}

function countOf(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function secondsText(seconds) {
  if (seconds < 0.1) return "less than 0.1 s";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
