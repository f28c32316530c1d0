/** Reads a run folder, whole or broken off, into what a report tells. Only events.jsonl or a circuit must be there. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import {
  ANALYSIS,
  ANALYSIS_FORMAT,
  ConfigError,
  type Analysis,
  type GraphJson,
  type NodesRecord,
  type PositionsRecord,
  type StabilityRecord,
} from '@circuit-tuning/core';
import { headCharts, withAnalysis, type RunStory } from '@circuit-tuning/web/draw/static';
import { parseEvents, tellEvents } from '@circuit-tuning/web/record';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { askedFor, at, type Facts } from './asked.js';
import { roundedSet } from './roundedSet.js';

export interface RunFiles {
  /** Name of the experiment, else of the folder. */
  readonly name: string;
  readonly story: RunStory;
  /** What was asked, in the words a reader needs first. */
  readonly asked: Facts;
  /** What is missing, and what cannot be read: sentences. */
  readonly notes: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Text of experiment.yaml and of manifest.json, as they lie there. */
  readonly experiment?: string;
  readonly manifest?: string;
  /** Where `circuit-tuning analyze` has looked at it. */
  readonly analysis?: Analysis;
  /** Of the circuit before tuning, where the experiment asked for them. */
  readonly nodes?: NodesRecord;
  readonly positions?: PositionsRecord;
  readonly stability?: StabilityRecord;
}

const graphSchema = z.looseObject({
  cfg: z.object({ n_layers: z.number(), n_heads: z.number(), n_key_value_heads: z.number().optional() }).loose(),
  nodes: z.record(z.string(), z.unknown()),
  edges: z.record(z.string(), z.object({ score: z.number().nullish(), in_graph: z.boolean().default(false) }).loose()),
});

/** @throws ConfigError where the folder is no run: neither events nor a circuit. */
export async function readRun(runDir: string, called = basename(resolve(runDir))): Promise<RunFiles> {
  const files = await filesIn(runDir);
  const notes: string[] = [];
  const text = async (path: string): Promise<string | undefined> =>
    files.some((file) => file.path === path) ? readFile(join(runDir, path), 'utf8') : undefined;
  const [eventText, experiment, manifest] = [
    await text('events.jsonl'),
    await text('experiment.yaml'),
    await text('manifest.json'),
  ];
  const { events, unreadable } = parseEvents(eventText ?? '');
  const told = tellEvents(events);
  const circuits = await readCircuits(
    files.map(({ path }) => path),
    told.methods.filter(({ steps }) => steps.length > 0).map(({ method }) => method),
    text,
    notes,
  );
  if (eventText === undefined && circuits.length === 0)
    throw new ConfigError({
      where: runDir,
      rule: 'must be the folder of a run, with events.jsonl or circuits in it',
      got:
        files.length > 0
          ? `a folder of other files (${files
              .slice(0, 3)
              .map(({ path }) => path)
              .join(', ')})`
          : 'an empty folder, or none',
      cure: 'Give the folder that `circuit-tuning run --out` wrote',
    });

  const asYaml = readAs('experiment.yaml', experiment, (from) => parseYaml(from) as unknown, notes);
  const asJson = readAs('manifest.json', manifest, (from) => JSON.parse(from) as unknown, notes);
  if (unreadable > 0)
    notes.push(
      `${unreadable} line${unreadable > 1 ? 's' : ''} of events.jsonl could not be read; a run that was cut off leaves one.`,
    );
  const analysis = readAnalysis(await text(ANALYSIS), notes);
  const [nodes, positions, stability] = [
    await readRecord<NodesRecord>('scores/before/nodes.json', 'nodes', text, notes),
    await readRecord<PositionsRecord>('scores/before/positions.json', 'edges', text, notes),
    await readRecord<StabilityRecord>('stability/stability.json', 'edges', text, notes),
  ];
  notes.push(...unfinished(told.methods, asYaml, asJson));
  const metric = at(asYaml, 'discovery.metric') ?? at(circuits[0]?.graph, '_meta.metric');
  const name = at(asYaml, 'name');
  return {
    name: typeof name === 'string' ? name : called,
    story: {
      metric: typeof metric === 'string' ? metric : 'metric',
      methods: analysis ? withAnalysis(told.methods, analysis) : told.methods,
      faithfulness: told.faithfulness,
      graded: told.graded,
      ...(circuits.length > 0 && { circuits: roundedSet(circuits) }),
      ...(analysis && { heads: headCharts(analysis) }),
      circuitTitles: Object.fromEntries(circuits.map(({ key, title }) => [key, title])),
    },
    asked: askedFor(asYaml, asJson),
    notes,
    files: files.filter(({ path }) => path !== 'report.html'),
    ...(experiment !== undefined && { experiment }),
    ...(manifest !== undefined && { manifest }),
    ...(analysis && { analysis }),
    ...(nodes && { nodes }),
    ...(positions && { positions }),
    ...(stability && { stability }),
  };
}

/** A file of the run's own that not every run has; one that is damaged, and lacks its list, is left out. */
async function readRecord<Kind>(
  path: string,
  list: keyof Kind & string,
  text: (path: string) => Promise<string | undefined>,
  notes: string[],
): Promise<Kind | undefined> {
  const content = await text(path);
  if (content === undefined) return undefined;
  const record = readAs(path, content, (from) => JSON.parse(from) as unknown, notes);
  if (record === undefined) return undefined;
  if (Array.isArray(at(record, list))) return record as Kind;
  notes.push(`${path} lacks its ${list} and is left out.`);
  return undefined;
}

/** One that is damaged, or of another version, is left out. */
function readAnalysis(text: string | undefined, notes: string[]): Analysis | undefined {
  if (text === undefined) return undefined;
  const analysis = readAs(ANALYSIS, text, (from) => JSON.parse(from) as unknown, notes);
  if (analysis === undefined) return undefined;
  if (at(analysis, 'format') === ANALYSIS_FORMAT) return analysis as Analysis;
  notes.push(`${ANALYSIS} is of another version; \`circuit-tuning analyze\` writes it anew.`);
  return undefined;
}

async function filesIn(runDir: string): Promise<{ path: string; bytes: number }[]> {
  const entries = await readdir(runDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => ({ path: relative(runDir, path).split(sep).join('/'), bytes: (await stat(path)).size })),
  );
  return files.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

function readAs(file: string, text: string | undefined, parse: (text: string) => unknown, notes: string[]): unknown {
  if (text === undefined) {
    notes.push(`There is no ${file}, so what was asked is told only as far as other files do.`);
    return undefined;
  }
  try {
    return parse(text);
  } catch (error) {
    notes.push(
      `${file} could not be read: ${error instanceof Error ? error.message.split('\n')[0] : 'unknown reason'}.`,
    );
    return undefined;
  }
}

/** The circuit before, and of each method the one after; of a method that was cut off, the last that a search found. */
async function readCircuits(
  paths: readonly string[],
  methods: readonly string[],
  text: (path: string) => Promise<string | undefined>,
  notes: string[],
): Promise<{ key: string; title: string; graph: GraphJson }[]> {
  const found: { key: string; title: string; graph: GraphJson }[] = [];
  const named = paths.flatMap((path) => /^circuits\/after-(.+)\.json$/.exec(path)?.[1] ?? []);
  const wanted: { key: string; title: string; path: string | undefined }[] = [
    { key: 'before', title: methods.length > 0 ? 'Before tuning' : 'The circuit', path: 'circuits/before.json' },
    ...[...new Set([...methods, ...named])].map((method) => {
      const after = `circuits/after-${method}.json`;
      if (paths.includes(after)) return { key: method, title: `After ${method}`, path: after };
      const last = paths.findLast((path) => path.startsWith(`circuits/${method}/`) && path.endsWith('.json'));
      const step = Number(/step-(\d+)\.json$/.exec(last ?? '')?.[1] ?? 0);
      return { key: method, title: `Found by ${method} before step ${step + 1}`, path: last };
    }),
  ];
  for (const { key, title, path } of wanted) {
    const content = path === undefined ? undefined : await text(path);
    if (content === undefined) continue;
    const graph = parseGraph(content);
    if (graph) found.push({ key, title, graph });
    else notes.push(`${path} is no graph JSON and is left out.`);
  }
  return found;
}

function parseGraph(text: string): GraphJson | undefined {
  try {
    const parsed = graphSchema.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data as unknown as GraphJson) : undefined;
  } catch {
    return undefined;
  }
}

function unfinished(methods: RunStory['methods'], experiment: unknown, manifest: unknown): string[] {
  const notes: string[] = [];
  const status = at(manifest, 'status');
  if (status === 'interrupted') notes.push('This run was interrupted; `--resume` goes on where it stopped.');
  if (status === 'failed') notes.push('This run ended with an error.');
  const steps = at(experiment, 'tuning.steps');
  for (const { method, steps: taken, done } of methods)
    if (!done && taken.length > 0)
      notes.push(
        `${method} stopped after step ${taken.at(-1)!.step}${typeof steps === 'number' ? ` of ${steps}` : ''}; its last measurement stands for the one after.`,
      );
  const asked = at(experiment, 'tuning.methods');
  if (Array.isArray(asked))
    for (const method of asked)
      if (!methods.some((one) => one.method === method && one.steps.length > 0))
        notes.push(`${String(method)} was asked for and has not begun.`);
  return notes;
}
