/**
 * Thousands of lines as a density: each edge adds a whole number to every cell its curve runs through, so that an edge is
 * taken away again exactly, and a picture of another search costs only the edges that look different there. Without a GPU
 * Chromium strokes 30,000 curves in about a second; this adds them up in some 30 ms, and a tenth of them in 3.
 */

/** How a picture is placed in the cells: cell = place · scale + shift. */
export interface Placing {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** What an edge adds: to which of the layers (positive, negative, …), and how much; 0 is nothing. */
export const look = (layer: number, weight: number): number => (weight === 0 ? 0 : layer * WEIGHTS + weight);
/** A weight is below this. */
export const WEIGHTS = 64;

/** Cells that a curve may miss its line by: a tenth of one would need three times as many pieces. */
const TOLERANCE = 1;

export class Density {
  readonly width: number;
  readonly height: number;
  /** One grid of sums a layer, rows from the top. */
  readonly layers: readonly Int32Array<ArrayBuffer>[];
  #curves: Float32Array = new Float32Array(0);
  #placing: Placing = { scale: 1, x: 0, y: 0 };
  #shown: Uint16Array<ArrayBuffer> = new Uint16Array(0);
  #wanted: ArrayLike<number> = [];
  /** The edge looked at last, and how many are still to be looked at. */
  #next = -1;
  #left = 0;

  constructor(width: number, height: number, layers: number) {
    this.width = width;
    this.height = height;
    this.layers = Array.from({ length: layers }, () => new Int32Array(width * height));
  }

  /** Begins again with no edge drawn. Eight numbers an edge, as `edgeCurves` gives them. */
  place(curves: Float32Array, placing: Placing): void {
    this.#curves = curves;
    this.#placing = placing;
    this.#shown = new Uint16Array(curves.length / 8);
    for (const layer of this.layers) layer.fill(0);
    this.#left = 0;
  }

  /** More curves, the first of them as before. */
  extend(curves: Float32Array): void {
    const shown = new Uint16Array(curves.length / 8);
    shown.set(this.#shown);
    this.#curves = curves;
    this.#shown = shown;
  }

  /** The `look` of each edge from now on. */
  want(looks: ArrayLike<number>): void {
    this.#wanted = looks;
    this.#left = Math.min(this.#shown.length, looks.length);
  }

  /**
   * Draws what is not yet as wanted; stops when `isTimeUp`, asked every few hundred edges. True once all is drawn. It goes
   * on where it stopped, also when other looks are wanted since: no edge waits for more than one round.
   */
  work(isTimeUp: () => boolean): boolean {
    const n = Math.min(this.#shown.length, this.#wanted.length);
    for (let drawn = 0; this.#left > 0; this.#left--) {
      this.#next = this.#next + 1 < n ? this.#next + 1 : 0;
      const i = this.#next;
      const before = this.#shown[i]!;
      const after = this.#wanted[i]!;
      if (before === after) continue;
      const [from, to] = [(before / WEIGHTS) | 0, (after / WEIGHTS) | 0];
      const [less, more] = [before % WEIGHTS, after % WEIGHTS];
      if (from === to) this.#add(i, to, more - less, to, 0);
      else this.#add(i, to, more, from, -less);
      this.#shown[i] = after;
      if (++drawn % 256 === 0 && isTimeUp()) {
        this.#left--;
        return false;
      }
    }
    return true;
  }

  /** A curve as straight pieces, one cell a row of steep ones, one a column of flat ones; on two layers at once. */
  #add(i: number, layer: number, weight: number, otherLayer: number, otherWeight: number): void {
    const { width, height } = this;
    const cells = this.layers[layer]!;
    const others = this.layers[otherLayer]!;
    const c = this.#curves;
    const { scale, x: shiftX, y: shiftY } = this.#placing;
    const o = i * 8;
    const x0 = c[o]! * scale + shiftX;
    const y0 = c[o + 1]! * scale + shiftY;
    const x1 = c[o + 2]! * scale + shiftX;
    const y1 = c[o + 3]! * scale + shiftY;
    const x2 = c[o + 4]! * scale + shiftX;
    const y2 = c[o + 5]! * scale + shiftY;
    const x3 = c[o + 6]! * scale + shiftX;
    const y3 = c[o + 7]! * scale + shiftY;
    if (Math.max(y0, y1, y2, y3) < 0 || Math.min(y0, y1, y2, y3) >= height) return;
    if (Math.max(x0, x1, x2, x3) < 0 || Math.min(x0, x1, x2, x3) >= width) return;
    const bend = Math.max(
      Math.abs(x2 - 2 * x1 + x0) + Math.abs(y2 - 2 * y1 + y0),
      Math.abs(x3 - 2 * x2 + x1) + Math.abs(y3 - 2 * y2 + y1),
    );
    const pieces = Math.max(1, Math.ceil(Math.sqrt((0.75 * bend) / TOLERANCE)));
    const ax = x3 - 3 * x2 + 3 * x1 - x0;
    const bx = 3 * (x2 - 2 * x1 + x0);
    const cx = 3 * (x1 - x0);
    const ay = y3 - 3 * y2 + 3 * y1 - y0;
    const by = 3 * (y2 - 2 * y1 + y0);
    const cy = 3 * (y1 - y0);
    let px = x0;
    let py = y0;
    for (let piece = 1; piece <= pieces; piece++) {
      const t = piece / pieces;
      const qx = ((ax * t + bx) * t + cx) * t + x0;
      const qy = ((ay * t + by) * t + cy) * t + y0;
      const dx = qx - px;
      const dy = qy - py;
      // int32 throughout, and 16 bits of fraction: twice as fast as numbers that might not be whole
      if (Math.abs(dy) >= Math.abs(dx)) {
        const step = dy < 0 ? -1 : 1;
        const slope = dx / dy;
        const first = step < 0 ? Math.min(height - 1, Math.floor(py)) : Math.max(0, Math.floor(py));
        const end = step < 0 ? Math.max(-1, Math.floor(qy)) : Math.min(height, Math.floor(qy));
        const across = (slope * step * 65536) | 0;
        let x = ((px + (first + 0.5 - py) * slope) * 65536) | 0;
        let row = Math.imul(first, width);
        const down = Math.imul(step, width);
        for (let left = (end - first) * step; left > 0; left--) {
          const column = x >> 16;
          if (column >= 0 && column < width) {
            cells[row + column]! += weight;
            if (otherWeight !== 0) others[row + column]! += otherWeight;
          }
          x = (x + across) | 0;
          row = (row + down) | 0;
        }
      } else {
        const step = dx < 0 ? -1 : 1;
        const slope = dy / dx;
        const first = step < 0 ? Math.min(width - 1, Math.floor(px)) : Math.max(0, Math.floor(px));
        const end = step < 0 ? Math.max(-1, Math.floor(qx)) : Math.min(width, Math.floor(qx));
        const up = (slope * step * 65536) | 0;
        let y = ((py + (first + 0.5 - px) * slope) * 65536) | 0;
        let column = first;
        for (let left = (end - first) * step; left > 0; left--) {
          const row = y >> 16;
          if (row >= 0 && row < height) {
            const at = Math.imul(row, width) + column;
            cells[at]! += weight;
            if (otherWeight !== 0) others[at]! += otherWeight;
          }
          y = (y + up) | 0;
          column += step;
        }
      }
      px = qx;
      py = qy;
    }
  }
}
