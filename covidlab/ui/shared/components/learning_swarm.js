// Where each X-ray of the dots stands: at an epoch that was kept, between two, and before learning.

// Where many crowd, this part of each one is seen.
const LEAST_PITCH = 0.42;

class Swarm {
  // measures: width and lanes in pixels, see DotField.measure.
  constructor(told, source, measures) {
    Object.assign(this, { told, source, films: source.films, measures, frames: [] });
    this.lanes = source.lanes.map((_, lane) => [...this.films.lane.keys()].filter((index) => this.films.lane[index] === lane));
  }

  at(time) {
    const { epochs } = this.told;
    if (!epochs.length) return (this.waiting ??= this.waitingSpots());
    const place = Math.max(0, epochs.findLastIndex((epoch) => epoch <= time + 1e-6));
    const spots = this.spotsOf(place);
    if (place + 1 >= epochs.length || time <= epochs[place]) return spots;
    return between(spots, this.spotsOf(place + 1), (time - epochs[place]) / (epochs[place + 1] - epochs[place]));
  }

  x(probability) {
    const { pad, width } = this.measures;
    return pad + probability * (width - 2 * pad);
  }

  // Where each X-ray stands at an epoch that was kept: as near as there is room to the row it had before.
  spotsOf(place) {
    while (this.frames.length <= place) {
      const earlier = this.frames.at(-1);
      const probabilities = this.told.probabilities[this.frames.length];
      const spots = new Array(this.films.file.length);
      this.lanes.forEach((indices, lane) => this.fillLane(indices, lane, probabilities, earlier, spots));
      this.frames.push(spots);
    }
    return this.frames[place];
  }

  // From the operating point outwards: where there is no room in any row, an X-ray is moved on, never across that point.
  fillLane(indices, lane, probabilities, earlier, spots) {
    const { threshold } = this.told;
    const right = indices.filter((index) => probabilities[index] >= threshold).sort((a, b) => probabilities[a] - probabilities[b]);
    const left = indices.filter((index) => probabilities[index] < threshold).sort((a, b) => probabilities[b] - probabilities[a]);
    this.fillSide(right, 1, lane, probabilities, earlier, spots);
    this.fillSide(left, -1, lane, probabilities, earlier, spots);
  }

  fillSide(indices, direction, lane, probabilities, earlier, spots) {
    const { dot, body, tops, width } = this.measures;
    const rows = Math.max(1, Math.floor(body / dot));
    const ends = new Array(rows).fill(-Infinity);
    const height = (row) => tops[lane] + (rows === 1 ? body / 2 : dot / 2 + 1 + (row * (body - dot - 2)) / (rows - 1));
    const edge = direction > 0 ? width - dot / 2 - 2 : dot / 2 + 2;
    for (const index of indices) {
      const x = direction * this.x(probabilities[index]);
      const wanted = earlier?.[index].row ?? middleFirst(index, rows);
      const row = freeRow(ends, x, dot, wanted) ?? freeRow(ends, x, dot * LEAST_PITCH, wanted) ?? ends.indexOf(Math.min(...ends));
      const moved = Math.min(Math.max(x, ends[row] + dot * LEAST_PITCH), Math.max(x, direction * edge));
      ends[row] = moved;
      spots[index] = { x: direction * moved, y: height(row), row };
    }
  }

  // Before learning there is no probability: side by side, from left to right.
  waitingSpots() {
    const { dot, body, tops, width } = this.measures;
    const pad = dot / 2 + 8;
    const spots = new Array(this.films.file.length);
    this.lanes.forEach((indices, lane) => {
      const most = Math.floor((width - 2 * pad) / (dot + 3)) + 1;
      const rows = Math.max(1, Math.ceil(indices.length / most));
      const columns = Math.ceil(indices.length / rows);
      const step = columns > 1 ? Math.min((width - 2 * pad) / Math.max(1, columns - 1), dot * 2) : 0;
      const pitch = Math.min(dot + 4, (body - dot) / Math.max(1, rows - 1));
      const top = tops[lane] + (body - (rows - 1) * pitch) / 2;
      indices.forEach((index, place) => {
        spots[index] = { x: pad + (place % columns) * step, y: top + Math.floor(place / columns) * pitch, row: 0 };
      });
    });
    return spots;
  }
}

// The row nearest to the wanted one that has so much room left before x; undefined where none has.
function freeRow(ends, x, room, wanted) {
  const free = [...ends.keys()].filter((row) => x - ends[row] >= room);
  return free.length ? free.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best)) : undefined;
}

// At first the rows are filled in turn.
function middleFirst(index, rows) {
  return (index * 7 + 3) % rows;
}

function between(from, to, part) {
  return to.map((spot, index) => ({ ...spot, x: from[index].x + part * (spot.x - from[index].x), y: from[index].y + part * (spot.y - from[index].y) }));
}
