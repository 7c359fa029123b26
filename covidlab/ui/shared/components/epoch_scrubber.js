
// A slider and a button that play the epochs of a run: the place moves from 0 to the last, a step each epochMs, and draw shows it.
class EpochScrubber {
  constructor(root, epochMs, draw) {
    this.slider = root.querySelector("input");
    this.button = root.querySelector("button");
    this.epochMs = epochMs;
    this.draw = draw;
    this.timer = this.place = this.last = 0;
    this.slider.addEventListener("input", () => {
      this.pause();
      this.moveTo(Number(this.slider.value));
    });
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
  }

  show(place, last) {
    this.last = last;
    this.slider.max = last;
    this.slider.setAttribute("aria-label", tr("Epoch"));
    this.name();
    this.moveTo(place);
  }

  moveTo(place) {
    this.place = Math.min(place, this.last);
    this.slider.value = this.place;
    this.draw();
  }

  play() {
    const begin = this.place >= this.last ? 0 : this.place;
    this.timer = setInterval(() => {
      this.moveTo(this.place + 1);
      if (this.place >= this.last) this.pause();
    }, this.epochMs);
    this.name();
    this.moveTo(begin);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    this.name();
  }

  name() {
    this.button.textContent = this.timer ? tr("Pause") : tr("Play");
  }
}
