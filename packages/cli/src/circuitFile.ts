/** A circuit from its file: graph JSON of this project, or of EAP-IG. */
import { readFile } from 'node:fs/promises';
import { fromGraphJson, nodesOf, type Circuit, type Convention, type Model } from '@circuit-tuning/core';
import { refused } from './files.js';

/** With the scores of all edges. */
export interface GivenCircuit {
  readonly circuit: Circuit;
  readonly scores: Float32Array<ArrayBuffer>;
  readonly path: string;
  readonly meta: CircuitMeta;
}

/** A graph JSON says its convention where this project wrote it; other tools write EAP-IG's. */
export async function readCircuit(path: string, { config }: Model): Promise<GivenCircuit> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => refused(error, path));
  const meta = metaOf(text);
  const { graph, mlp_groups: groups } = meta;
  const nodes = nodesOf(config, {
    ...(graph !== undefined && { convention: graph }),
    ...(groups !== undefined && { mlpBlock: groups === 1 ? ('whole' as const) : config.F / groups }),
  });
  return { ...fromGraphJson(text, nodes, path), path, meta };
}

export interface CircuitMeta {
  readonly graph?: Convention;
  readonly mlp_groups?: number;
  readonly method?: string;
  readonly ablation?: string;
  readonly [key: string]: unknown;
}

/** What the file says of itself; nothing where it is not JSON, which fromGraphJson says in words. */
function metaOf(text: string): CircuitMeta {
  try {
    const { _meta: meta = {} } = JSON.parse(text) as { _meta?: CircuitMeta };
    return meta;
  } catch {
    return {};
  }
}
