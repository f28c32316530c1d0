/**
 * Faithfulness against size, as the Mechanistic Interpretability Benchmark measures it (Mueller et al. 2025,
 * https://arxiv.org/abs/2504.13151): circuits of fixed fractions of the edges, and two areas over them.
 *
 *   CPR  area under faithfulness, edges taken by score: how much of the metric few edges bring; more is better
 *   CMD  area between faithfulness and 1, edges taken by |score|: how far circuits are from the model; less is better
 *
 * Random circuits of as many edges, and of as many parameters, are the scale of both.
 */
import { Random } from '../task/random.js';
import type { Circuit } from '../circuit/circuit.js';
import type { PatchedModel } from './patchedModel.js';
import type { Nodes } from '../circuit/nodes.js';
import { randomEdges, randomOfEqualParameters } from '../circuit/randomCircuit.js';
import { selectEdges, type CountedRule } from '../circuit/select.js';
import { tunedParameters } from '../circuit/slices.js';

export const mibFractions = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;

export interface CurveOptions {
  /** How edges are taken: one that keeps a number of them. */
  readonly rule?: CountedRule;
  /** Random circuits of either kind at each point. */
  readonly controls?: number;
  readonly seed?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface CurvePoint {
  readonly fraction: number;
  /** Edges after pruning, and the parameters that their nodes own. */
  readonly edges: number;
  readonly parameters: number;
  readonly metric: number;
  readonly faithfulness: number;
  /** Faithfulness of random circuits of as many edges, and of as many parameters. */
  readonly random_edges: readonly number[];
  readonly random_parameters: readonly number[];
}

export interface Areas {
  /** Under the faithfulness; MIB's CPR. */
  readonly area_under: number;
  /** Between the faithfulness and 1; MIB's CMD. */
  readonly area_from_1: number;
  /** Mean of the faithfulness over the fractions. */
  readonly average: number;
}

/** With the names of MIB's results. */
export interface Curve extends Areas {
  readonly absolute: boolean;
  readonly weighted_edge_counts: readonly number[];
  readonly faithfulnesses: readonly number[];
  readonly points: readonly CurvePoint[];
  /** The same areas of the random circuits, one for each draw. */
  readonly random_edges: readonly Areas[];
  readonly random_parameters: readonly Areas[];
}

/** Under MIB's names, `abs-False.json` and `abs-True.json`; its own files are pickles of the same. */
export const mibResults = ({ signed, absolute }: Curves): Readonly<Record<string, object>> =>
  Object.fromEntries(
    [signed, absolute].map((curve) => {
      const { weighted_edge_counts, area_under, area_from_1, average, faithfulnesses } = curve;
      const result = { weighted_edge_counts, area_under, area_from_1, average, faithfulnesses };
      return [curve.absolute ? 'abs-True.json' : 'abs-False.json', result];
    }),
  );

export interface Curves {
  readonly clean: number;
  readonly ablated: number;
  readonly cpr: number;
  readonly cmd: number;
  /** Edges taken by score, and by |score|. */
  readonly signed: Curve;
  readonly absolute: Curve;
}

/** How many passes over the examples the curves take at most: what they cost is known before they are begun. */
export const curvePasses = (controls: number): number => 2 * mibFractions.length * (1 + 2 * controls);

/** Both curves of scores [S, R]. Circuits are pruned, as MIB's are, where the graph has an input and logits. */
export async function faithfulnessCurves(
  patched: PatchedModel,
  values: ArrayLike<number>,
  options: CurveOptions = {},
): Promise<Curves> {
  const { controls = 3, onProgress } = options;
  let done = 0;
  const tell = (): void => onProgress?.(++done, curvePasses(controls));
  const drawn = new Draws(patched, options, tell);
  const signed = await curve(patched, values, false, options, drawn, tell);
  const absolute = await curve(patched, values, true, options, drawn, tell);
  const { clean, ablated } = patched;
  return { clean, ablated, cpr: signed.area_under, cmd: absolute.area_from_1, signed, absolute };
}

async function curve(
  patched: PatchedModel,
  values: ArrayLike<number>,
  absolute: boolean,
  { rule = 'top-n' }: CurveOptions,
  drawn: Draws,
  tell: () => void,
): Promise<Curve> {
  const { nodes } = patched;
  const points: CurvePoint[] = [];
  for (const fraction of mibFractions) {
    const n = Math.floor(fraction * nodes.edgeCount);
    const how = { rule, signed: !absolute, pruned: nodes.convention === 'eap-ig' };
    const circuit = n === 0 ? { nodes, edges: new Uint32Array() } : selectEdges(nodes, values, n, how);
    const edges = circuit.edges.length;
    const parameters = tunedParameters(circuit);
    const metric = await patched.metricOf(circuit);
    tell();
    points.push({
      fraction,
      edges,
      parameters,
      metric,
      faithfulness: patched.share(metric),
      random_edges: await drawn.ofEdges(edges),
      random_parameters: await drawn.ofParameters(parameters),
    });
  }
  const faithfulnesses = points.map((point) => point.faithfulness);
  const ofDraws = (kind: 'random_edges' | 'random_parameters'): Areas[] =>
    points[0]![kind].map((_, c) => areas(points.map((point) => point[kind][c]!)));
  return {
    absolute,
    ...areas(faithfulnesses),
    weighted_edge_counts: points.map(({ edges }) => edges),
    faithfulnesses,
    points,
    random_edges: ofDraws('random_edges'),
    random_parameters: ofDraws('random_parameters'),
  };
}

/** MIB's trapezoids, over the fractions asked for and not those that pruning left; what lies below the first counts nothing. */
export function areas(faithfulnesses: readonly number[]): Areas {
  const trapezoids = (heights: readonly number[]): number =>
    heights
      .slice(1)
      .reduce((sum, high, i) => sum + ((mibFractions[i + 1]! - mibFractions[i]!) * (heights[i]! + high)) / 2, 0);
  return {
    area_under: trapezoids(faithfulnesses),
    area_from_1: trapezoids(faithfulnesses.map((share) => Math.abs(1 - share))),
    average: faithfulnesses.reduce((sum, share) => sum + share, 0) / faithfulnesses.length,
  };
}

/** Random circuits of a size, each measured once though both curves ask. */
class Draws {
  readonly #patched: PatchedModel;
  readonly #controls: number;
  readonly #seed: number;
  readonly #tell: () => void;
  readonly #known = new Map<string, Promise<number>>();

  constructor(patched: PatchedModel, { controls = 3, seed = 0 }: CurveOptions, tell: () => void) {
    this.#patched = patched;
    this.#controls = controls;
    this.#seed = seed;
    this.#tell = tell;
  }

  ofEdges(n: number): Promise<number[]> {
    return this.#of(`edges ${n}`, (nodes, random) => randomEdges(nodes, n, random));
  }

  ofParameters(n: number): Promise<number[]> {
    return this.#of(`parameters ${n}`, (nodes, random) => randomOfEqualParameters(nodes, n, random));
  }

  async #of(size: string, draw: (nodes: Nodes, random: Random) => Circuit): Promise<number[]> {
    const { nodes, metricOf, share } = this.#patched;
    const shares: number[] = [];
    for (let c = 0; c < this.#controls; c++) {
      const name = `${c} ${size}`;
      const known = this.#known.get(name) ?? metricOf(draw(nodes, new Random(this.#seed, c)));
      this.#known.set(name, known);
      shares.push(share(await known));
      this.#tell();
    }
    return shares;
  }
}
