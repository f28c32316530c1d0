/**
 * The canvas under the lines: all edges that are too many to be strokes, as a density with the colours of what they are.
 * It works in slices of a frame, the time for which its owner gives it, so that a picture of any size can be scrubbed.
 */
import { Density, type Placing } from './density.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** A slice of a frame in ms: with the strokes above it a frame of 33 ms holds. */
const SLICE = 8;
/** Cells that curves run through before cells grow: about 20 ms of adding up. */
const MOST_CELLS = 8e6;

export class Haze {
  readonly canvas: HTMLCanvasElement;
  #density: Density | undefined;
  #image: ImageData | undefined;
  #totals = new Int32Array(0);
  /** Layers asked for, and what the grid and the picture on the canvas were made for. */
  #placing: Placing = { scale: 1, x: 0, y: 0 };
  #painted: Placing | undefined;
  #cell = 1;
  #isPlaced = false;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  /**
   * Puts curves in place: all is drawn anew. The picture before it stays, moved, until this one is whole.
   * @param size of the stage in CSS pixels
   * @param placing of the curves on the stage
   */
  place(curves: Float32Array, size: { width: number; height: number }, placing: Placing, layers: number): void {
    const cell = cellFor(curves, placing.scale, layers);
    const width = Math.max(1, Math.ceil(size.width / cell));
    const height = Math.max(1, Math.ceil(size.height / cell));
    const now = this.#density;
    if (!now || now.width !== width || now.height !== height || now.layers.length !== layers) {
      this.#density = new Density(width, height, layers);
      this.#image = new ImageData(width, height);
      this.#totals = new Int32Array(width * height);
    }
    this.#cell = cell;
    this.#placing = placing;
    this.#density!.place(curves, { scale: placing.scale / cell, x: placing.x / cell, y: placing.y / cell });
    this.#isPlaced = false;
    this.#move();
  }

  /** Whether curves are in place, on so many layers. */
  has(layers: number): boolean {
    return this.#density?.layers.length === layers;
  }

  extend(curves: Float32Array): void {
    this.#density?.extend(curves);
  }

  want(looks: ArrayLike<number>): void {
    this.#density?.want(looks);
  }

  /** One slice. True once the picture is whole. */
  work(colours: readonly Colour[]): boolean {
    if (!this.#density) return true;
    const end = performance.now() + SLICE;
    const isWhole = this.#density.work(() => performance.now() > end);
    // half a picture of the next search is a picture; half of a new place is not
    if (isWhole || this.#isPlaced) this.#paint(colours, isWhole);
    return isWhole;
  }

  clear(): void {
    this.#density = undefined;
    this.#image = undefined;
    this.#painted = undefined;
    this.canvas.remove();
  }

  #paint(colours: readonly Colour[], isWhole: boolean): void {
    const { canvas } = this;
    const image = this.#image!;
    toneMap(this.#density!.layers, colours, new Uint32Array(image.data.buffer), this.#totals);
    if (canvas.width !== image.width || canvas.height !== image.height) {
      canvas.width = image.width;
      canvas.height = image.height;
    }
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    if (!isWhole) return;
    this.#isPlaced = true;
    this.#painted = this.#placing;
    canvas.style.width = `${image.width * this.#cell}px`;
    canvas.style.height = `${image.height * this.#cell}px`;
    this.#move();
  }

  #move(): void {
    const [from, to] = [this.#painted, this.#placing];
    if (!from) return;
    const scale = to.scale / from.scale;
    this.canvas.style.transform =
      scale === 1 && to.x === from.x && to.y === from.y
        ? ''
        : `translate(${to.x - from.x * scale}px,${to.y - from.y * scale}px) scale(${scale})`;
  }
}

/**
 * Side of a cell, in whole CSS pixels: one where time allows. Zoomed in, most of the curves are out of sight; five layers
 * take longer to colour than two, and edges change layers more often.
 */
function cellFor(curves: Float32Array, scale: number, layers: number): number {
  let run = 0;
  for (let o = 0; o < curves.length; o += 8)
    run += Math.max(Math.abs(curves[o + 6]! - curves[o]!), Math.abs(curves[o + 7]! - curves[o + 1]!));
  const most = layers > 2 ? MOST_CELLS / 1.6 : MOST_CELLS;
  return Math.min(4, Math.max(1, Math.ceil(run / most / scale)));
}

/** Opacity of a cell with `total` of `mean`: dense places saturate late, single lines stay visible. */
const LEVELS = 4096;
const opacities = Uint8Array.from(
  { length: LEVELS },
  (_, i) => 235 * (1 - Math.exp(-0.55 * ((8 * i) / LEVELS) ** 0.8)),
);

/**
 * Sums become colours, mixed by their shares. The mean of what is not empty sets the exposure.
 * @param totals room for as many numbers as there are pixels
 */
export function toneMap(
  layers: readonly Int32Array[],
  colours: readonly Colour[],
  pixels: Uint32Array,
  totals = new Int32Array(pixels.length),
): void {
  totals.set(layers[0]!);
  for (const layer of layers.slice(1)) for (let p = 0; p < totals.length; p++) totals[p]! += layer[p]!;
  let sum = 0;
  let filled = 0;
  for (let p = 0; p < totals.length; p++) {
    const total = totals[p]!;
    sum += total;
    filled += total === 0 ? 0 : 1;
  }
  const exposure = filled > 0 ? (LEVELS * filled) / (8 * sum) : 0;
  const count = layers.length;
  const red = Float64Array.from(colours, (colour) => colour[0]);
  const green = Float64Array.from(colours, (colour) => colour[1]);
  const blue = Float64Array.from(colours, (colour) => colour[2]);
  for (let p = 0; p < totals.length; p++) {
    const total = totals[p]!;
    if (total === 0) {
      pixels[p] = 0;
      continue;
    }
    let r = 0;
    let g = 0;
    let b = 0;
    for (let k = 0; k < count; k++) {
      const part = layers[k]![p]!;
      r += part * red[k]!;
      g += part * green[k]!;
      b += part * blue[k]!;
    }
    const alpha = opacities[Math.min(LEVELS - 1, (total * exposure) | 0)]!;
    const share = 1 / total;
    // little-endian RGBA, as on every machine that runs a browser with WebGPU
    pixels[p] = (alpha << 24) | ((b * share) << 16) | ((g * share) << 8) | (r * share);
  }
}

/** `#rrggbb` in numbers. */
export const colourOf = (hex: string): Colour =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Colour;
