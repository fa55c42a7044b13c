/** What glides from one place to another, unless the reader wants less motion. */

const LONG = 220; // ms

export class Glide {
  timer = 0;

  /**
   * @param {(part: number) => void} draw how much of the way is gone, from 0 to 1
   * @param {boolean} glide
   */
  run(draw, glide) {
    this.stop();
    if (!glide || matchMedia("(prefers-reduced-motion: reduce)").matches) return draw(1);
    const begin = performance.now();
    const step = /** @param {number} now */ (now) => {
      const part = Math.min(1, Math.max(0, (now - begin) / LONG));
      draw(1 - (1 - part) ** 3);
      this.timer = part < 1 ? requestAnimationFrame(step) : 0;
    };
    step(begin + 16);
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.timer = 0;
  }
}
