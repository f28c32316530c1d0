/** A circuit as files: EAP-IG's graph JSON, and the scores of all edges as safetensors beside it. */
import type { Scores } from '../attribution/scores.js';
import type { Circuit } from '../circuit/circuit.js';
import { graphJsonText, toGraphJson } from '../circuit/circuitJson.js';
import { perQueryHead } from '../circuit/kvPerQueryHead.js';
import { bytesFile, textPartsFile, type OutputFile } from '../io/hfExport.js';
import { writeSafetensors } from '../io/safetensorsWrite.js';

/** `scores` [sources, reads], signed; the names of both in the metadata, as JSON lists. */
export function scoresFile(
  { nodes, values }: Pick<Scores, 'nodes' | 'values'>,
  meta: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { sources, reads, convention, mlpGroups } = nodes;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return writeSafetensors([{ name: 'scores', dtype: 'F32', shape: [sources.length, reads.length], bytes }], {
    ...meta,
    graph: convention,
    mlp_groups: `${mlpGroups}`,
    sources: JSON.stringify(sources),
    reads: JSON.stringify(reads),
  });
}

/** `scores` [parts, sources, reads]; what the first dimension is of, and the names of its parts, in the metadata too. */
export function scorePartsFile(
  nodes: Scores['nodes'],
  of: 'examples' | 'positions',
  names: readonly string[],
  parts: readonly Float32Array[],
  meta: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { sources, reads, convention, mlpGroups } = nodes;
  const values = new Float32Array(parts.length * sources.length * reads.length);
  for (const [i, part] of parts.entries()) values.set(part, i * part.length);
  const shape = [parts.length, sources.length, reads.length];
  return writeSafetensors([{ name: 'scores', dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) }], {
    ...meta,
    graph: convention,
    mlp_groups: `${mlpGroups}`,
    [of]: JSON.stringify(names),
    sources: JSON.stringify(sources),
    reads: JSON.stringify(reads),
  });
}

export interface GraphOptions {
  /** Key and value edges for each query head, as EAP-IG has them. */
  readonly kvPerQueryHead?: boolean;
}

function* graphText(
  circuit: Circuit,
  scores: ArrayLike<number>,
  meta: Readonly<Record<string, unknown>>,
  { kvPerQueryHead = false }: GraphOptions,
): Generator<string> {
  if (kvPerQueryHead) yield JSON.stringify(perQueryHead(toGraphJson(circuit, scores, meta)));
  else yield* graphJsonText(circuit, scores, meta);
  yield '\n';
}

/** Both files, under names of the caller's. */
export const circuitFiles = (
  names: { graph: string; scores: string },
  circuit: Circuit,
  scores: Scores,
  meta: Readonly<Record<string, string | number>> = {},
  options: GraphOptions = {},
): OutputFile[] => [
  textPartsFile(names.graph, () => graphText(circuit, scores.values, meta, options)),
  bytesFile(
    names.scores,
    scoresFile(scores, Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, `${value}`]))),
  ),
];
