/**
 * analysis.json: what is computed of a run after it is over, one object for each method. Names of edges and nodes are
 * those of circuit files. Numbers that are not there (too few searches, no base model) are absent, and `notes` says why.
 */
import type { HeadReadings } from '../heads/readHeads.js';
import type { Upstream } from '../heads/upstream.js';
import { leastR } from './correlation.js';
import { compareCircuits, type CircuitComparison } from './compareCircuits.js';
import { concentrationOf, type Concentration } from './concentration.js';
import { nameOfEdge, nodeNames, nodesTouched, type EdgeGraph, type ScoredCircuit, type Search } from './graph.js';
import type { PartCourse } from './partCourses.js';
import type { NodeChange, SliceChange } from './sliceChanges.js';
import { FEWEST_SEARCHES, trendsOf, type Verdict } from './trends.js';
import { stays, turnover, type Members, type Stay, type Turn } from './turnover.js';

export const ANALYSIS = 'analysis.json';
export const ANALYSIS_FORMAT = 'circuit-tuning analysis 1';

export interface SearchAnalysis {
  readonly step: number;
  readonly edges: Turn;
  readonly nodes: Turn;
  /** Of the scores of all edges, in the circuit or not. */
  readonly scores?: Concentration;
}

export type NamedStay = { readonly name: string } & Omit<Stay, 'member'>;

export interface EdgeTrend {
  readonly name: string;
  readonly verdict: Verdict;
  readonly slope: number;
  /** Half of the slope's 95% interval, for this edge alone; absent where its searches are too few to bound it. */
  readonly margin?: number;
  readonly r: number;
  readonly p: number;
  readonly q: number;
  /** The signed score at the first and at the last search. */
  readonly first: number;
  readonly last: number;
}

export interface TrendAnalysis {
  readonly searches: number;
  /** Every edge of the graph. */
  readonly tested: number;
  readonly strengthened: number;
  readonly weakened: number;
  readonly unchanged: number;
  /** How many the rule of the published analysis calls so, |r| > 0.5, which looks at neither chance nor drift. */
  readonly published: { readonly strengthened: number; readonly weakened: number };
  /** Median over the edges of the correlation between neighbouring residuals, and of how many independent searches all are worth. */
  readonly autocorrelation: number;
  readonly effective: number;
  /** Edges that some circuit of the method had, and those that changed; by q, then by |r| descending. */
  readonly edges: readonly EdgeTrend[];
}

/** The circuit before tuning and the one found after it. */
export type DriftAnalysis = Omit<CircuitComparison, 'both' | 'onlyA' | 'onlyB'>;

export interface MovementAnalysis {
  /** Where the tuned model was read from, a path in the run folder. */
  readonly from: string;
  readonly nodes: readonly NodeChange[];
  readonly slices: readonly SliceChange[];
}

/** What the parts of a model do at the answer, when it had so many steps behind it. */
export interface HeadsAtStep extends HeadReadings {
  /** 0 is the base model. */
  readonly step: number;
  /** Where its parameters were read from. */
  readonly from: string;
  /** Of the heads that were asked about: what each depends on. */
  readonly upstream?: readonly Upstream[];
}

export interface MethodAnalysis {
  readonly method: string;
  readonly searches: readonly SearchAnalysis[];
  readonly edges: readonly NamedStay[];
  readonly nodes: readonly NamedStay[];
  readonly trends?: TrendAnalysis;
  readonly drift?: DriftAnalysis;
  readonly movement?: MovementAnalysis;
  /** Of the steps that were asked for, ascending. */
  readonly heads?: readonly HeadsAtStep[];
  /** What became of each part between them, what changed most first; absent for a single step. */
  readonly parts?: readonly PartCourse[];
}

export interface Analysis {
  readonly format: typeof ANALYSIS_FORMAT;
  /** Name of the experiment. */
  readonly run: string;
  /** The share of false ones that is accepted among the edges called strengthened or weakened. */
  readonly level: number;
  readonly graph: { readonly sources: number; readonly reads: number; readonly edges: number };
  readonly methods: readonly MethodAnalysis[];
  /** What could not be computed, and why: sentences. */
  readonly notes: readonly string[];
}

/** What a run has of one method. */
export interface MethodCircuits {
  readonly method: string;
  /** By step ascending. */
  readonly searches: readonly Search[];
  readonly before?: ScoredCircuit | undefined;
  readonly after?: ScoredCircuit | undefined;
}

/** All that needs no model. */
export function analyseMethod(
  graph: EdgeGraph,
  { method, searches, before, after }: MethodCircuits,
  level: number,
): { readonly analysis: MethodAnalysis; readonly notes: readonly string[] } {
  const names = nodeNames(graph);
  const touched = nodesTouched(graph);
  const edges = searches.map(({ step, inside }): Members => ({ step, members: inside }));
  const nodes = edges.map(({ step, members }): Members => ({ step, members: touched(members) }));
  const [edgeTurns, nodeTurns] = [turnover(edges), turnover(nodes)];
  const trends = trendAnalysis(graph, searches, level);
  return {
    analysis: {
      method,
      searches: searches.map(({ step, score }, i) => {
        const scores = concentrationOf(score);
        return {
          step,
          edges: edgeTurns[i]!,
          nodes: nodeTurns[i]!,
          ...(scores && { scores }),
        };
      }),
      edges: named(stays(edges), (edge) => nameOfEdge(graph, edge)),
      nodes: named(stays(nodes), (node) => names[node]!),
      ...(trends && { trends }),
      ...(before && after && { drift: driftOf(graph, before, after) }),
    },
    notes: [tooFew(method, searches.length, trends, level)].filter((note) => note !== undefined),
  };
}

/** Beyond it only a line that is nearly perfect passes, and `unchanged` says next to nothing. */
const HARD = 0.9;

function tooFew(
  method: string,
  searches: number,
  trends: TrendAnalysis | undefined,
  level: number,
): string | undefined {
  if (searches === 0) return undefined;
  if (!trends) return `${method} searched ${times(searches)}: a trend takes ${FEWEST_SEARCHES} searches at least.`;
  const { effective, tested } = trends;
  const worth =
    effective < searches ? `, which drift together and are worth ${effective.toFixed(1)} independent ones` : '';
  const start = `${method} searched ${times(searches)}${worth}`;
  if (effective < FEWEST_SEARCHES)
    return `${start}: too few to tell a trend from a drift, so "unchanged" says nothing.`;
  const least = leastR(level / tested, effective);
  if (least < HARD) return undefined;
  return `${start}: among ${tested} edges a single one passes from |r| = ${least.toFixed(3)} on, so "unchanged" says little.`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const named = (all: readonly Stay[], nameOf: (member: number) => string): NamedStay[] =>
  all.map(({ member, ...stay }) => ({ name: nameOf(member), ...stay }));

function driftOf(graph: EdgeGraph, before: ScoredCircuit, after: ScoredCircuit): DriftAnalysis {
  const { both: _both, onlyA: _a, onlyB: _b, ...drift } = compareCircuits(graph, before.inside, after.inside);
  return drift;
}

function trendAnalysis(graph: EdgeGraph, searches: readonly Search[], level: number): TrendAnalysis | undefined {
  const trends = trendsOf(searches, level);
  if (!trends) return undefined;
  const { slope, r, p, q, effective, autocorrelation, verdictOf, marginOf } = trends;
  const counts: Record<Verdict, number> = { weakened: 0, unchanged: 0, strengthened: 0 };
  const ever = new Set(searches.flatMap(({ inside }) => [...inside]));
  const told: number[] = [];
  const published = { strengthened: 0, weakened: 0 };
  for (let edge = 0; edge < slope.length; edge++) {
    const verdict = verdictOf(edge);
    counts[verdict]++;
    if (Math.abs(r[edge]!) > 0.5) published[r[edge]! > 0 ? 'strengthened' : 'weakened']++;
    if (verdict !== 'unchanged' || ever.has(edge)) told.push(edge);
  }
  told.sort((a, b) => q[a]! - q[b]! || Math.abs(r[b]!) - Math.abs(r[a]!) || a - b);
  return {
    searches: searches.length,
    tested: slope.length,
    ...counts,
    published,
    autocorrelation,
    effective: effective.toSorted()[effective.length >> 1]!,
    edges: told.map((edge) => {
      const margin = marginOf(edge);
      return {
        name: nameOfEdge(graph, edge),
        verdict: verdictOf(edge),
        slope: slope[edge]!,
        ...(margin < Infinity && { margin }),
        r: r[edge]!,
        p: p[edge]!,
        q: q[edge]!,
        first: searches[0]!.score[edge]!,
        last: searches.at(-1)!.score[edge]!,
      };
    }),
  };
}
