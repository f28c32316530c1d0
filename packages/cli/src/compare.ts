/** `circuit-tuning compare <A> <B>`: what two circuits share, and what only one of them has. */
import { join } from 'node:path';
import {
  circuitFromEdges,
  compareCircuits,
  edgesAmong,
  nameOfEdge,
  TaskError,
  type CircuitComparison,
} from '@circuit-tuning/core';
import { sharedTable, type Table } from '@circuit-tuning/web/draw/static';
import type { Command } from 'commander';
import { circuitAt, type CircuitAt } from './analysis/circuitAt.js';
import { printedTable } from './analysis/print.js';
import { csv } from './analysis/tableFiles.js';
import { printJson, shown } from './conduct.js';
import { writeFile } from './files.js';
import { requireNew } from './runFolder.js';

interface CompareFlags {
  readonly momentA?: string;
  readonly momentB?: string;
  readonly out?: string;
  readonly json?: true;
}

export function addCompare(program: Command): void {
  program
    .command('compare')
    .argument('<a>', 'circuit (graph JSON), or a run: a folder, or a zip that the lab saved')
    .argument('<b>', 'another of the same graph')
    .description('what two circuits share: by edge, node, layer and kind')
    .option('--moment-a <key>', 'of run A: before, circuit/20, after:circuit (the last)')
    .option('--moment-b <key>', 'of run B')
    .option('--out <folder>', 'write union, intersection and differences as graph JSON, and the tables as CSV')
    .option('--json', 'print it for machines')
    .action(async (pathA: string, pathB: string, { momentA, momentB, out, json }: CompareFlags) => {
      if (out !== undefined) await requireNew(out);
      const a = await circuitAt(pathA, momentA, '--moment-a');
      const b = await circuitAt(pathB, momentB, '--moment-b');
      const compared = compare(a, b);
      if (out !== undefined) await write(out, compared);
      if (json) printJson(facts(compared));
      else print(compared, out);
    });
}

interface Compared {
  readonly a: CircuitAt;
  readonly b: CircuitAt;
  readonly comparison: CircuitComparison;
  /** By edge of A's graph. */
  readonly scoreA: ArrayLike<number>;
  readonly scoreB: ArrayLike<number>;
}

/** @throws TaskError where they are not of one graph. */
function compare(a: CircuitAt, b: CircuitAt): Compared {
  const at = edgesAmong(a.graph, b.graph);
  if (!at) {
    const [of, other] = [a.graph.from.length, b.graph.from.length];
    throw new TaskError({
      where: b.name,
      rule: `must be of the same graph as ${a.name}, with its ${of} edges`,
      got: of === other ? 'other ones' : `${other}`,
      cure: 'Compare circuits of models of one shape, found with one --graph and --mlp-block',
    });
  }
  const scoreB = new Float32Array(at.length);
  for (const [i, edge] of at.entries()) scoreB[edge] = b.found.score[i]!;
  const inside = Uint32Array.from(b.found.inside, (edge) => at[edge]!).toSorted();
  return { a, b, comparison: compareCircuits(a.graph, a.found.inside, inside), scoreA: a.found.score, scoreB };
}

const names = ({ a }: Compared, edges: Uint32Array): string[] => Array.from(edges, (edge) => nameOfEdge(a.graph, edge));

function facts(compared: Compared): object {
  const { a, b, comparison } = compared;
  const { both, onlyA, onlyB, ...shared } = comparison;
  const lists = { both: names(compared, both), only_a: names(compared, onlyA), only_b: names(compared, onlyB) };
  const { edgesByLayer, nodesByLayer, edgesByKind, nodesByKind, edges, nodes } = shared;
  return {
    a: a.name,
    b: b.name,
    edges,
    nodes,
    edges_by_layer: edgesByLayer,
    nodes_by_layer: nodesByLayer,
    edges_by_kind: edgesByKind,
    nodes_by_kind: nodesByKind,
    ...lists,
  };
}

function tablesOf({ comparison }: Compared): Readonly<Record<string, Table>> {
  const { edges, nodes, edgesByLayer, nodesByLayer, edgesByKind, nodesByKind } = comparison;
  const all = [
    { part: 'edges', ...edges },
    { part: 'nodes', ...nodes },
  ];
  return {
    all: sharedTable('What the two circuits share', 'of', all),
    'edges-by-layer': sharedTable('Edges by the layer that they read into', 'into', edgesByLayer),
    'edges-by-kind': sharedTable('Edges by what they join', 'kind', edgesByKind),
    'nodes-by-layer': sharedTable('Nodes by layer', 'layer', nodesByLayer),
    'nodes-by-kind': sharedTable('Nodes by kind', 'kind', nodesByKind),
  };
}

/** The strongest edges of a part, the score in A beside that in B. */
function edgeTable({ a, scoreA, scoreB }: Compared, caption: string, edges: Uint32Array, limit = Infinity): Table {
  const size = (edge: number): number => Math.max(Math.abs(scoreA[edge]!), Math.abs(scoreB[edge]!));
  return {
    caption,
    columns: [
      { head: 'edge' },
      { head: 'A', group: 'score', isNumber: true },
      { head: 'B', group: 'score', isNumber: true },
    ],
    rows: [...edges]
      .sort((x, y) => size(y) - size(x) || x - y)
      .slice(0, limit)
      .map((edge) => [nameOfEdge(a.graph, edge), scoreA[edge]!, scoreB[edge]!]),
  };
}

/** Edges of A alone keep A's scores, those of B alone B's; the rest have the mean of both. */
async function write(out: string, compared: Compared): Promise<void> {
  const { a, b, comparison, scoreA, scoreB } = compared;
  const { both, onlyA, onlyB } = comparison;
  const indexOf = new Map(Array.from({ length: a.graph.from.length }, (_, edge) => [nameOfEdge(a.graph, edge), edge]));
  const mean = (edge: number): number => (scoreA[edge]! + scoreB[edge]!) / 2;
  const sets: readonly [name: string, edges: readonly Uint32Array[], score: (edge: number) => number][] = [
    ['union', [both, onlyA, onlyB], mean],
    ['intersection', [both], mean],
    ['only-a', [onlyA], (edge) => scoreA[edge]!],
    ['only-b', [onlyB], (edge) => scoreB[edge]!],
  ];
  for (const [set, parts, score] of sets) {
    const inside = new Set(parts.flatMap((part) => names(compared, part)));
    const meta = { set, a: a.name, b: b.name };
    const json = circuitFromEdges(a.json, inside, (name) => score(indexOf.get(name)!), meta);
    await writeFile(join(out, `${set}.json`), `${JSON.stringify(json)}\n`);
  }
  const parts = {
    'edges-both': edgeTable(compared, '', both),
    'edges-only-a': edgeTable(compared, '', onlyA),
    'edges-only-b': edgeTable(compared, '', onlyB),
  };
  for (const [name, table] of Object.entries({ ...tablesOf(compared), ...parts }))
    await writeFile(join(out, `${name}.csv`), csv(table));
  await writeFile(join(out, 'comparison.json'), `${JSON.stringify(facts(compared), null, 2)}\n`);
}

/** Edges of each part, the most that a screen has room for. */
const SHOWN = 8;

function print(compared: Compared, out: string | undefined): void {
  const { a, b, comparison } = compared;
  const parts = [
    `A: ${a.name}\nB: ${b.name}\n`,
    ...Object.values(tablesOf(compared)).map(printedTable),
    printedTable(edgeTable(compared, 'The strongest edges of A alone', comparison.onlyA, SHOWN)),
    printedTable(edgeTable(compared, 'The strongest edges of B alone', comparison.onlyB, SHOWN)),
    out === undefined ? '' : `Union, intersection and differences are in ${shown(out)}.\n`,
  ];
  process.stdout.write(parts.filter(Boolean).join('\n'));
}
