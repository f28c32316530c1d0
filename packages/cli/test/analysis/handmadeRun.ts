/** A run of three searches over a tiny model, made by hand: every measure of it is known. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  DELTA,
  edgeName,
  allEdges,
  exportModel,
  makeDelta,
  nodesOf,
  openModel,
  toGraphJson,
  type Nodes,
  type Parameters,
} from '@circuit-tuning/core';
import { nodeFolder, sha256, writeFile, writeFolder } from '../../src/files.js';

/** Circuits of the searches before steps 1, 5 and 9. */
const searches: readonly (readonly string[])[] = [
  ['input->a0.h0<q>', 'a0.h0->logits'],
  ['input->a0.h0<q>', 'm0->logits'],
  ['input->a0.h0<q>', 'a0.h0->logits'],
];

/** The score of every edge at each search: `input->a0.h0<q>` grows on a line, the others stay as they are. */
const scoresAt = (nodes: Nodes, search: number): Float32Array => {
  const scores = new Float32Array(nodes.sources.length * nodes.reads.length);
  for (const edge of allEdges(nodes)) scores[edge] = edgeName(nodes, edge) === 'input->a0.h0<q>' ? -1 - search : 0.5;
  return scores;
};

/** `keeps` is what the run left of the tuned model, in which a0.h0's query rows moved by 0.5 each. */
export async function handmadeRun(dir: string, model: string, keeps: 'delta' | 'model' | 'nothing'): Promise<void> {
  const base = await openModel(nodeFolder(model));
  const nodes = nodesOf(base.config);
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  const events = searches.map((names, i) => {
    const step = 4 * i;
    const path = `circuits/circuit/step-${String(step).padStart(6, '0')}.json`;
    const edges = allEdges(nodes).filter((edge) => names.includes(edgeName(nodes, edge)));
    put(path, JSON.stringify(toGraphJson({ nodes, edges }, scoresAt(nodes, i))));
    return { kind: 'search', step, method: 'circuit', circuit: path, t: i };
  });
  put('events.jsonl', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  put('experiment.yaml', `name: byhand\nmodel: ${model}\ndata:\n  task: task.jsonl\n`);
  const tuned: Parameters = {
    async read(name, rows) {
      const values = await base.weights.read(name, rows);
      if (name !== 'blocks.0.attn.W_Q') return values;
      const { D, E } = base.config;
      const first = (rows?.from ?? 0) * D;
      return values.map((value, i) => (first + i < E * D ? value + 0.5 : value));
    },
  };
  if (keeps === 'delta') await writeFile(join(dir, 'delta', DELTA), await makeDelta(base.weights, tuned, sha256));
  if (keeps === 'model') await writeFolder(join(dir, 'model/circuit'), await exportModel(base, tuned, 'card'));
}
