/** Reads a run from its files, event by event, with the circuits that the events name. */
import { ConfigError, keptText, TaskError, type GraphJson } from '@circuit-tuning/core';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod/mini';
import { endsOfEdge } from '../draw/circuitData.js';
import { parseEvents } from './events.js';
import type { RunFiles } from './files.js';
import { momentOf, RunRecord, type Found, type RunGraph } from './record.js';

const graphSchema = z.looseObject({
  cfg: z.looseObject({ n_layers: z.number(), n_heads: z.number(), n_key_value_heads: z.optional(z.number()) }),
  edges: z.record(
    z.string(),
    z.looseObject({ score: z.nullish(z.number()), in_graph: z.prefault(z.boolean(), false) }),
  ),
});

/**
 * A circuit file: its graph, and what a search found on it. Scores that the file does not give are 0.
 * @throws TaskError where it is no graph JSON.
 */
export function readCircuit(text: string, where: string): { graph: RunGraph; found: Found } {
  const parsed = graphSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new TaskError({
      where,
      rule: 'must be a graph JSON with cfg and edges',
      got: 'something else',
      cure: 'Open a run that circuit-tuning wrote',
    });
  const { cfg, edges } = parsed.data as unknown as GraphJson;
  const names = Object.keys(edges);
  const sources = new Map<string, number>();
  const reads = new Map<string, number>();
  const indexIn = (known: Map<string, number>, name: string): number => {
    if (!known.has(name)) known.set(name, known.size);
    return known.get(name)!;
  };
  const ends = names.map(endsOfEdge);
  const from = Uint32Array.from(ends, ([name]) => indexIn(sources, name));
  const to = Uint32Array.from(ends, ([, name]) => indexIn(reads, name));
  const { n_layers: layers, n_heads: heads, n_key_value_heads: kvHeads = heads } = cfg;
  const values = Object.values(edges);
  return {
    graph: { nodes: { layers, heads, kvHeads, sources: [...sources.keys()], reads: [...reads.keys()] }, from, to },
    found: {
      score: Float32Array.from(values, ({ score }) => score ?? 0),
      inside: Uint32Array.from(values.flatMap(({ in_graph: isInside }, i) => (isInside ? [i] : []))),
    },
  };
}

/**
 * A whole run, or as much of it as there is. Circuits that are missing or damaged are left out, and told in `notes`.
 * @throws ConfigError where there is no run: no events.jsonl.
 */
export async function openRun(files: RunFiles): Promise<{ record: RunRecord; notes: readonly string[] }> {
  const text = await keptText(files, 'events.jsonl');
  if (text === undefined)
    throw new ConfigError({
      where: files.name,
      rule: 'must be a run, with events.jsonl in it',
      got: 'no events.jsonl',
      cure: 'Open the folder that `circuit-tuning run --out` wrote, or a zip that this page saved',
    });
  const experiment = await keptText(files, 'experiment.yaml');
  const notes: string[] = [];
  const { events, unreadable } = parseEvents(text);
  if (unreadable > 0) notes.push(`${unreadable} lines of events.jsonl could not be read.`);
  const record = new RunRecord({ ...askedIn(experiment), experiment });
  for (const event of events) {
    const path = momentOf(event, 0)?.path;
    const circuit = path === undefined ? undefined : await keptText(files, path);
    if (path !== undefined && circuit === undefined) notes.push(`${path} is missing.`);
    if (path === undefined || circuit === undefined) {
      record.add(event);
      continue;
    }
    const whole = readWhole(circuit, `${files.name}/${path}`, record.graph);
    if (!whole) notes.push(`${path} is damaged.`);
    else if (!record.graph) record.setGraph(whole.graph);
    record.add(event, whole?.found);
  }
  return { record, notes };
}

/** Undefined where it is no circuit, or one of another graph: indices into this one would mean other edges. */
function readWhole(
  text: string,
  where: string,
  graph: RunGraph | undefined,
): ReturnType<typeof readCircuit> | undefined {
  try {
    const read = readCircuit(text, where);
    return graph && !isSameGraph(graph, read.graph) ? undefined : read;
  } catch (error) {
    if (error instanceof TaskError) return undefined;
    throw error;
  }
}

/** The same edges in the same order. */
const isSameGraph = (a: RunGraph, b: RunGraph): boolean =>
  isSame(a.from, b.from) &&
  isSame(a.to, b.to) &&
  isSame(a.nodes.sources, b.nodes.sources) &&
  isSame(a.nodes.reads, b.nodes.reads);

function isSame(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function askedIn(experiment: string | undefined): { name: string; metric: string } {
  const schema = z.looseObject({
    name: z.prefault(z.string(), 'run'),
    discovery: z.prefault(z.looseObject({ metric: z.prefault(z.string(), 'metric') }), { metric: 'metric' }),
  });
  const { data } = schema.safeParse(experiment === undefined ? {} : parseYaml(experiment));
  return { name: data?.name ?? 'run', metric: data?.discovery.metric ?? 'metric' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
