/** The analysis of a run folder: circuits from its files, and where its updates lie, as far as there are models. */
import {
  ANALYSIS_FORMAT,
  analyseMethod,
  CircuitTuningError,
  ConfigError,
  effectiveRank,
  nodeChanges,
  nodesNamed,
  partCourses,
  sliceChanges,
  TaskError,
  type Analysis,
  type EdgeGraph,
  type HeadsAtStep,
  type MethodAnalysis,
  type Model,
  type MovementAnalysis,
} from '@circuit-tuning/core';
import { circuitsOf, openRun, type RunRecord } from '@circuit-tuning/web/record';
import type { FolderRun } from '../runPlace.js';
import { headsOfRun, type HeadsOptions } from './headsAt.js';
import { openBaseOf, tunedBy } from './tunedModel.js';

export interface AnalyzeOptions {
  /** Share of false ones accepted among the edges called strengthened or weakened. */
  readonly level: number;
  /** Effective ranks of slices whose smaller side is at most this. */
  readonly rankUpTo: number;
  /** Steps whose models are run, for what their heads do; nothing is run unless given. */
  readonly heads?: Omit<HeadsOptions, 'onProgress'> | undefined;
  readonly onProgress: (what: string, done: number, of: number) => void;
}

/** @throws ConfigError where there is nothing to compare over time; TaskError where a circuit is damaged or of another graph. */
export async function analyzeRun(run: FolderRun, options: AnalyzeOptions): Promise<Analysis> {
  const { record, notes: found } = await openRun(run);
  const { graph, moments } = record;
  const notes = [...found];
  requireAll(record, run.name);
  const tuned = moments.flatMap(({ method }) => (method === undefined ? [] : [method]));
  const methods = [...new Set(tuned)];
  if (!graph || methods.length === 0)
    throw new ConfigError({
      where: run.name,
      rule: 'must hold circuits of several moments: searches of a method, or a circuit after tuning',
      got: moments.length === 0 ? 'no circuit' : 'the one before tuning only',
      cure: 'Run an experiment with a tuning section; `circuit-tuning compare` looks at single circuits',
    });
  const circuits = methods.map((method) => {
    const { analysis, notes: more } = analyseMethod(graph, circuitsOf(moments, method), options.level);
    notes.push(...more);
    return analysis;
  });
  const heads =
    options.heads && (await headsOfRun(run, record, methods, { ...options.heads, onProgress: options.onProgress }));
  const moved = await withMovements(run, graph, circuits, options, notes);
  return {
    format: ANALYSIS_FORMAT,
    run: record.name,
    level: options.level,
    graph: { sources: graph.nodes.sources.length, reads: graph.nodes.reads.length, edges: graph.from.length },
    methods: moved.map((one) => ({ ...one, ...headParts(heads?.get(one.method), notes) })),
    notes,
  };
}

/** What an example does not say of its subject is absent; why, is a note. */
function headParts(
  heads: readonly HeadsAtStep[] | undefined,
  notes: string[],
): Pick<MethodAnalysis, 'heads' | 'parts'> {
  const [first] = heads ?? [];
  if (!heads || !first) return {};
  const { examples, withSubject, withSides } = first;
  const of = (count: number): string => (count === 0 ? 'none' : `only ${count}`);
  const tell = (note: string): void => void (notes.includes(note) || notes.push(note));
  if (withSubject < examples)
    tell(`Of ${examples} examples ${of(withSubject)} say what their subject is, so attention to it is theirs alone.`);
  if (withSides < examples)
    tell(`Of ${examples} examples ${of(withSides)} have another side to it, so OV directions are theirs alone.`);
  return { heads, ...(heads.length > 1 && { parts: partCourses(heads) }) };
}

/** A search that is left out would make those beside it neighbours, and the turnover between them wrong. */
function requireAll({ events, moments }: RunRecord, where: string): void {
  const read = new Set(moments.map(({ path }) => path));
  for (const event of events)
    if (
      (event.kind === 'search' || event.kind === 'circuit') &&
      event.circuit !== undefined &&
      !read.has(event.circuit)
    )
      throw new TaskError({
        where: `${where}/${event.circuit}`,
        rule: "must be a circuit over the graph of the run's other circuits, as events.jsonl names it",
        got: 'one that is missing, damaged, or of another graph',
        cure: 'Copy it again from where the run was made; to go on without it, take its line out of events.jsonl',
      });
}

/** Without a base model the rest still holds: why it is missing is a note. */
async function withMovements(
  run: FolderRun,
  graph: EdgeGraph,
  methods: readonly MethodAnalysis[],
  options: AnalyzeOptions,
  notes: string[],
): Promise<MethodAnalysis[]> {
  const base = await openBaseOf(run).catch((error: unknown) => noted(error, 'Where updates lie', notes));
  if (!base) return [...methods];
  const all: MethodAnalysis[] = [];
  for (const one of methods) {
    const { method } = one;
    const movement = await movementOf(run, graph, base, method, methods.length === 1, options).catch((error: unknown) =>
      noted(error, `Where the update of ${method} lies`, notes),
    );
    if (movement === null)
      notes.push(`${method} left neither a delta nor a model, so where its update lies is unknown.`);
    all.push({ ...one, ...(movement && { movement }) });
  }
  return all;
}

/** What is wrong with a file is a note; a mistake of ours is not. */
function noted(error: unknown, what: string, notes: string[]): undefined {
  if (!(error instanceof CircuitTuningError)) throw error;
  notes.push(`${what} is left out. ${error.message}`);
}

async function movementOf(
  run: FolderRun,
  graph: EdgeGraph,
  base: Model,
  method: string,
  isOnly: boolean,
  { rankUpTo, onProgress }: AnalyzeOptions,
): Promise<MovementAnalysis | null> {
  const nodes = nodesNamed(base.config, graph, base.folder.name);
  const tuned = await tunedBy(run, base, method, isOnly);
  if (!tuned) return null;
  const slices = await sliceChanges(nodes, base.weights, tuned.parameters, {
    rank: { of: effectiveRank, upTo: rankUpTo },
    onProgress: (done, of) => onProgress(`comparing models: ${method}`, done, of),
  });
  return { from: tuned.from, nodes: nodeChanges(slices), slices };
}
