/** Circuits drawn at random: what a circuit that was found is compared with. */
import { parameterShapes } from '../model/parameters.js';
import type { Random } from '../task/random.js';
import type { Circuit } from './circuit.js';
import { allEdges, type Nodes } from './nodes.js';
import { requireEdges } from './select.js';
import { maskRows, slicesOfEnds, type Slice } from './slices.js';

/** N edges drawn without replacement, each set equally likely. */
export function randomEdges(nodes: Nodes, n: number, random: Random): Circuit {
  if (n > 0) requireEdges(nodes, n);
  const edges = random.shuffle([...allEdges(nodes)]);
  return { nodes, edges: Uint32Array.from(edges.slice(0, n)).toSorted() };
}

/**
 * Random edges, taken one by one until their nodes own at least as many parameters as asked: a control of equal size.
 * A last edge that overshoots further than stopping short would is left out.
 */
export function randomOfEqualParameters(nodes: Nodes, parameters: number, random: Random): Circuit {
  const taken: number[] = [];
  const owned = new Owned(nodes);
  for (const edge of random.shuffle([...allEdges(nodes)])) {
    const before = owned.numbers;
    owned.add(edge);
    const now = owned.numbers;
    if (now >= parameters && now - parameters > parameters - before) break;
    taken.push(edge);
    if (now >= parameters) break;
  }
  return { nodes, edges: Uint32Array.from(taken).toSorted() };
}

/** How many numbers a circuit owns while edges join it: counting the whole circuit at each would take minutes. */
class Owned {
  numbers = 0;
  readonly #nodes: Nodes;
  readonly #ends = new Set<string>();
  readonly #slices = new Set<string>();
  /** Numbers in one row of each parameter. */
  readonly #widths: ReadonlyMap<string, number>;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    this.#widths = new Map(
      parameterShapes(nodes.config).map(({ name, shape }) => [
        name,
        shape.reduce((product, size) => product * size, 1) / maskRows(name, shape),
      ]),
    );
  }

  add(edge: number): void {
    const R = this.#nodes.reads.length;
    const [source, read] = [Math.floor(edge / R), edge % R];
    this.#join(`source ${source}`, { sources: [source], reads: [] });
    this.#join(`read ${read}`, { sources: [], reads: [read] });
  }

  #join(end: string, ends: { sources: number[]; reads: number[] }): void {
    if (this.#ends.has(end)) return;
    this.#ends.add(end);
    for (const slice of slicesOfEnds(this.#nodes, ends)) this.#own(slice);
  }

  /** Slices of two nodes are the same or do not touch: a bias that heads share counts once. */
  #own({ parameter, from, to }: Slice): void {
    const name = `${parameter} ${from}`;
    if (this.#slices.has(name)) return;
    this.#slices.add(name);
    this.numbers += (to - from) * this.#widths.get(parameter)!;
  }
}
