/** What a picture of a circuit takes and gives. */
import type { CircuitEdges } from './circuitData.js';
import type { Grouping } from './group.js';
import type { ColourBy } from './paint.js';

/** A node by its name, or an edge by the names of its source and read. Folded by layers, `a3` and `a3<q>` are names too. */
export type Selection = { readonly node: string } | { readonly from: string; readonly to: string };

export interface CircuitLook {
  /** What the picture shows, for a reader who cannot see it. */
  readonly label: string;
  /** Only so many of the strongest edges; all unless told. */
  readonly top?: number | undefined;
  /** Only edges whose |score| is at least this share of the greatest, in [0, 1]; default 0. */
  readonly least?: number;
  /** `change` needs edges that `compared` or `changes` made. Default `sign`. */
  readonly colourBy?: ColourBy;
  /** |score| that gets the widest line; the greatest of these edges unless told. The same for two pictures makes them comparable. */
  readonly greatest?: number | undefined;
  /**
   * `layers`: one node for all heads of a layer (`a3`) and one for all blocks of an MLP (`m3`), edges between the same two
   * summed: |score| added, the sign of the sum. Default `none`.
   */
  readonly group?: Grouping;
  /** Node names, and edges as `a0.h1->m1`, that the reader switched off: they are drawn crossed out. */
  readonly off?: readonly string[];
}

export interface CircuitOptions extends CircuitLook {
  /**
   * `width`: as wide as its place and as high as it comes out. `box`: fills the height of its place too, which the page
   * must give by a style sheet. Default `width`.
   */
  readonly fit?: 'width' | 'box';
  /** What the pointer or the arrow keys are on; undefined when they leave. */
  readonly onPoint?: (selection: Selection | undefined) => void;
  /** What was clicked, or chosen with Enter; undefined where there is nothing, or on Escape. */
  readonly onPick?: (selection: Selection | undefined) => void;
  /** Told after each change of size; 1 shows the whole circuit. */
  readonly onZoom?: (scale: number) => void;
}

export interface CircuitView {
  readonly element: HTMLElement;
  /** Other edges of the same nodes: another search, another method. */
  setEdges(edges: CircuitEdges): void;
  /** Changes what is given, and leaves the rest. */
  setOptions(options: Partial<CircuitLook>): void;
  /** Shows a node with its edges, or an edge, above a faded picture. */
  mark(selection: Selection | undefined): void;
  /** Rings the nodes whose name holds `text`, and gives their names; no text, no rings. The first is brought into sight. */
  find(text: string): readonly string[];
  /** Larger by a factor above 1, smaller below, around the middle; never smaller than the whole circuit. */
  zoom(factor: number): void;
  /** The whole circuit again. */
  reset(): void;
  destroy(): void;
}
