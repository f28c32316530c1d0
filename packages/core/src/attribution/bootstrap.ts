/**
 * The bootstrap over examples (Efron 1979): what scores would have been had other examples been drawn. Resamples draw as many
 * examples as there are, with replacement; their mean scores are a matrix product, [edges, n] · [resamples, n]ᵀ, on the
 * device. Draws follow from the seed and sums have one order, so a re-run on one device gives the same bits.
 */
import { allEdges, type Nodes } from '../circuit/nodes.js';
import { ConfigError, TaskError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import { matmulNT } from '../ops/index.js';
import type { Program } from '../run/program.js';
import type { Session } from '../run/session.js';
import { Random } from '../task/random.js';

export const DEFAULT_RESAMPLES = 2000;
export const LEAST_RESAMPLES = 100;
export const DEFAULT_CONFIDENCE = 0.95;

/** Below, a resample too often holds next to no variety, and intervals say nothing. */
const LEAST_EXAMPLES = 8;

/** Numbers of one product that are read back at once: 16 MiB. */
const MOST_NUMBERS = 2 ** 22;

export interface BootstrapOptions {
  /** 2000 unless told; at least 100. */
  readonly resamples?: number;
  /** Of the intervals, above 0.5 and below 1; 0.95 unless told. */
  readonly confidence?: number;
  readonly seed?: number;
}

/** Where the mean score of each edge lies, given the examples: [S, R], the score itself where there is no edge. */
export interface Interval {
  readonly low: Float32Array<ArrayBuffer>;
  /** Infinite, as `low` may be, where the examples are too few or too alike to bound it. */
  readonly high: Float32Array<ArrayBuffer>;
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
}

/** How often each resample drew each example, [resamples, examples]. */
export function drawCounts(examples: number, resamples: number, seed: number): Float32Array<ArrayBuffer> {
  const counts = new Float32Array(resamples * examples);
  for (let b = 0; b < resamples; b++) {
    const random = new Random(seed, 0xb007_0000 + b);
    for (let i = 0; i < examples; i++) counts[b * examples + random.below(examples)]!++;
  }
  return counts;
}

/** Options with what was left out. @throws ConfigError, or TaskError for too few examples. */
export function requireBootstrap(
  examples: number,
  { resamples = DEFAULT_RESAMPLES, confidence = DEFAULT_CONFIDENCE, seed = 0 }: BootstrapOptions,
): Required<BootstrapOptions> {
  if (!Number.isInteger(resamples) || resamples < LEAST_RESAMPLES)
    throw new ConfigError({
      where: 'resamples',
      rule: `must be a whole number from ${LEAST_RESAMPLES}`,
      got: resamples,
      cure: `Leave it out for ${DEFAULT_RESAMPLES}`,
    });
  if (!(confidence > 0.5 && confidence < 1))
    throw new ConfigError({
      where: 'confidence',
      rule: 'must lie between 0.5 and 1',
      got: confidence,
      cure: `As in ${DEFAULT_CONFIDENCE}`,
    });
  if (examples < LEAST_EXAMPLES)
    throw new TaskError({
      where: 'bootstrap',
      rule: `needs at least ${LEAST_EXAMPLES} examples to draw from`,
      got: examples,
      cure: 'Take more examples: intervals of fewer than 30 are rough',
    });
  return { resamples, confidence, seed };
}

/**
 * Bootstrap-t intervals of the mean score of each edge (Efron and Tibshirani 1993, chapter 12): each resample's mean is
 * measured in its own standard error, so that skewed scores and few examples are allowed for, where percentiles of the
 * means alone are too narrow.
 * @param perExample [S, R] of each example.
 */
export async function bootstrapIntervals(
  session: Session,
  perExample: readonly Float32Array[],
  edges: Uint32Array,
  options: BootstrapOptions = {},
): Promise<Interval> {
  const n = perExample.length;
  const { resamples, confidence, seed } = requireBootstrap(n, options);
  const low = meanOf(perExample);
  const high = low.slice();
  const ts = new Float64Array(resamples);
  // of the (resamples + 1) gaps between sorted values as many lie outside as the confidence leaves
  const tail = Math.max(1, Math.round(((1 - confidence) / 2) * (resamples + 1)));
  await eachMean(session, perExample, edges, drawCounts(n, resamples, seed), { squares: true }, (chunk) => {
    for (const [i, edge] of chunk.edges.entries()) {
      const sd = chunk.sd[i]!;
      // one value in all examples: no draw changes it
      if (sd === 0) continue;
      for (let b = 0; b < resamples; b++) {
        const mean = chunk.sums[i * resamples + b]! / n;
        const variance = chunk.squares![i * resamples + b]! / n - mean * mean;
        // f32 leaves a rest of 1e-6 or so where a resample holds one value only
        ts[b] =
          variance > 1e-5 * (1 + mean * mean)
            ? mean / Math.sqrt(variance / (n - 1))
            : mean === 0
              ? 0
              : Math.sign(mean) * Infinity;
      }
      ts.sort();
      const se = sd / Math.sqrt(n);
      const mean = low[edge]!;
      low[edge] = mean - ts[resamples - tail]! * se;
      high[edge] = mean - ts[tail - 1]! * se;
    }
  });
  return { low, high, confidence, resamples, seed };
}

/**
 * The mean scores of every resample, one after the other: `visit` gets [S, R], which the next resample overwrites.
 * Memory is bounded: so many resamples at a time as have 2^24 numbers.
 */
export async function visitResamples(
  session: Session,
  perExample: readonly Float32Array[],
  edges: Uint32Array,
  options: BootstrapOptions,
  visit: (b: number, values: Float32Array) => void,
): Promise<void> {
  const n = perExample.length;
  const { resamples, seed } = requireBootstrap(n, options);
  const counts = drawCounts(n, resamples, seed);
  const mean = meanOf(perExample);
  const atOnce = Math.max(1, Math.min(resamples, Math.floor(2 ** 24 / mean.length)));
  const values = Array.from({ length: atOnce }, () => new Float32Array(mean.length));
  for (let from = 0; from < resamples; from += atOnce) {
    const here = Math.min(atOnce, resamples - from);
    await eachMean(session, perExample, edges, counts.subarray(from * n, (from + here) * n), {}, (chunk) => {
      for (const [i, edge] of chunk.edges.entries())
        for (let b = 0; b < here; b++) values[b]![edge] = mean[edge]! + (chunk.sd[i]! * chunk.sums[i * here + b]!) / n;
    });
    for (let b = 0; b < here; b++) visit(from + b, values[b]!);
  }
}

/** What either of the two above allocates, of examples that all score nothing: no draw of them is looked at. */
export async function rehearseBootstrap(
  session: Session,
  nodes: Nodes,
  examples: number,
  options: BootstrapOptions = {},
): Promise<void> {
  const nothing = new Float32Array(nodes.sources.length * nodes.reads.length);
  const perExample = Array.from({ length: Math.max(LEAST_EXAMPLES, examples) }, () => nothing);
  await bootstrapIntervals(session, perExample, allEdges(nodes), options);
}

interface Chunk {
  readonly edges: Uint32Array;
  /** Sample standard deviation of each edge's scores. */
  readonly sd: Float64Array;
  /** Of each edge and resample: Σ of the drawn examples' scores, in standard deviations from the mean. */
  readonly sums: Float32Array;
  /** The same of their squares. */
  readonly squares: Float32Array | undefined;
}

const COUNTS = 'bootstrap.counts';

/** Standard scores keep f32 exact enough whatever the scale of a metric. */
async function eachMean(
  session: Session,
  perExample: readonly Float32Array[],
  edges: Uint32Array,
  counts: Float32Array,
  { squares = false }: { squares?: boolean },
  take: (chunk: Chunk) => void,
): Promise<void> {
  const n = perExample.length;
  const resamples = counts.length / n;
  const rows = Math.max(1, Math.min(edges.length, Math.floor(MOST_NUMBERS / Math.max(resamples, n))));
  session.write(COUNTS, counts);
  const program = await productOf(session, { rows, n, resamples, squares });
  try {
    for (let from = 0; from < edges.length; from += rows) {
      const own = edges.subarray(from, from + rows);
      const { z, sd } = standardised(perExample, own, rows);
      const { sums, squared } = await program.run({ z, ...(squares && { z2: z.map((value) => value * value) }) });
      take({ edges: own, sd, sums: sums!, squares: squared });
    }
  } finally {
    program.dispose();
    session.delete(COUNTS);
  }
}

function productOf(
  session: Session,
  { rows, n, resamples, squares }: { rows: number; n: number; resamples: number; squares: boolean },
): Promise<Program> {
  const graph = new Graph();
  const counts = graph.state(COUNTS, [resamples, n]);
  const product = (name: string) => graph.call(matmulNT, { a: graph.input(name, [rows, n]), b: counts }).y!;
  return session.compile(graph, { sums: product('z'), ...(squares && { squared: product('z2') }) });
}

/** [rows, n]: scores of each edge less their mean, over their standard deviation. */
function standardised(
  perExample: readonly Float32Array[],
  edges: Uint32Array,
  rows: number,
): { z: Float32Array<ArrayBuffer>; sd: Float64Array } {
  const n = perExample.length;
  const z = new Float32Array(rows * n);
  const sd = new Float64Array(edges.length);
  for (const [i, edge] of edges.entries()) {
    let sum = 0;
    for (const scores of perExample) sum += scores[edge]!;
    const mean = sum / n;
    let square = 0;
    for (const scores of perExample) square += (scores[edge]! - mean) ** 2;
    const own = Math.sqrt(square / (n - 1));
    // below that, scores differ by the rounding of f32
    sd[i] = own > 1e-7 * Math.abs(mean) ? own : 0;
    if (sd[i] === 0) continue;
    for (let e = 0; e < n; e++) z[i * n + e] = (perExample[e]![edge]! - mean) / own;
  }
  return { z, sd };
}

function meanOf(perExample: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const sums = new Float64Array(perExample[0]!.length);
  for (const scores of perExample) for (let i = 0; i < sums.length; i++) sums[i]! += scores[i]!;
  return Float32Array.from(sums, (sum) => sum / perExample.length);
}
