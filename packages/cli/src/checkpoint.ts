/**
 * Where tuning stood after a step, to go on bit for bit: parameters, optimizer state, circuits, and how much had been
 * told. The order of batches and searches follows from seed and step, so nothing else is needed.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bytesFile,
  openSafetensors,
  parameterShapes,
  readFloats,
  textFile,
  WeightError,
  writeHeader,
  writeSafetensors,
  type Circuit,
  type DeviceModel,
  type Nodes,
  type OutputFile,
  type Parameters,
  type SafetensorsFile,
  type TensorLayout,
  type Tuning,
  type TuneState,
} from '@circuit-tuning/core';
import { openFile, writeFolder } from './files.js';

/** What the runner keeps beside the tuning's own state. */
export interface Progress {
  /** Bytes of events.jsonl. */
  readonly events: number;
  readonly seconds: number;
  readonly tunedMax: number;
}

interface StateJson extends Progress {
  readonly format: 'circuit-tuning checkpoint 1';
  readonly step: number;
  readonly circuit?: number[];
  readonly found?: number[];
  readonly first?: number[];
}

/** The last that are kept: if one is damaged there is another. */
const KEPT = 2;

export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

const bytesOf = (values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Canonical names, in the model's order, one tensor in memory at a time. */
function parametersFile(model: DeviceModel): OutputFile {
  const shapes = parameterShapes(model.config);
  const layout = shapes.map(({ name, shape }): TensorLayout => ({ name, shape, dtype: 'F32' }));
  return {
    name: 'parameters.safetensors',
    async *chunks() {
      yield writeHeader(layout).header;
      for (const { name } of shapes) yield bytesOf(await model.read(name));
    },
  };
}

/** Whole or not at all; older ones go once it is there. */
export async function saveCheckpoint(
  folder: string,
  model: DeviceModel,
  tuning: Tuning,
  progress: Progress,
): Promise<void> {
  const { step, circuit, found, first } = tuning.state;
  const edges = (it: Circuit | undefined): number[] | undefined => it && [...it.edges];
  const state: StateJson = {
    format: 'circuit-tuning checkpoint 1',
    step,
    ...progress,
    ...(circuit && { circuit: edges(circuit), found: edges(found), first: edges(first) }),
  };
  const optimizer = [...(await tuning.tuner.readState())].map(([name, values]) => ({
    name,
    dtype: 'F32' as const,
    shape: [values.length],
    bytes: bytesOf(values),
  }));
  const files = [
    parametersFile(model),
    bytesFile('optimizer.safetensors', writeSafetensors(optimizer)),
    textFile('state.json', `${JSON.stringify(state)}\n`),
  ];
  await writeFolder(join(folder, stepName(step)), files, { replace: true });
  const steps = await checkpoints(folder);
  for (const old of steps.slice(0, -KEPT)) await rm(join(folder, old), { recursive: true });
}

/** Names of whole checkpoints, oldest first. */
const checkpoints = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => /^step-\d+$/.test(name)).toSorted();

export interface Checkpoint extends Progress {
  readonly state: TuneState;
  /** Puts parameters and optimizer state on the device; the tuning must be given the state afterwards. */
  restore(model: DeviceModel, tuning: Tuning): Promise<void>;
}

/**
 * The newest checkpoint in the folder; undefined where there is none.
 * @throws WeightError where it is damaged.
 */
export async function latestCheckpoint(folder: string, nodes: Nodes): Promise<Checkpoint | undefined> {
  const name = (await checkpoints(folder)).at(-1);
  if (name === undefined) return undefined;
  const place = join(folder, name);
  const json = JSON.parse(await readFile(join(place, 'state.json'), 'utf8')) as StateJson;
  const circuit = (edges: number[] | undefined): Circuit | undefined =>
    edges && { nodes, edges: Uint32Array.from(edges) };
  const parameters = await openTensors(join(place, 'parameters.safetensors'));
  const optimizer = await openTensors(join(place, 'optimizer.safetensors'));
  const { step, events, seconds, tunedMax } = json;
  const state: TuneState = {
    step,
    ...(json.circuit && { circuit: circuit(json.circuit)!, found: circuit(json.found)!, first: circuit(json.first)! }),
  };
  return {
    events,
    seconds,
    tunedMax,
    state,
    async restore(model, tuning) {
      const from: Parameters = { read: (parameter, rows) => readFloats(parameters, parameter, rows) };
      for (const { name: parameter } of parameterShapes(model.config)) await model.write(parameter, from);
      const values = new Map<string, Float32Array<ArrayBuffer>>();
      for (const tensor of optimizer.tensors.keys()) values.set(tensor, await readFloats(optimizer, tensor));
      tuning.tuner.clearState();
      tuning.tuner.writeState(values);
      tuning.restore(state);
    },
  };
}

async function openTensors(path: string): Promise<SafetensorsFile> {
  const source = await openFile(path);
  if (source) return openSafetensors(source);
  throw new WeightError({
    where: path,
    rule: 'must be part of the checkpoint',
    got: 'nothing of that name',
    cure: 'Remove this checkpoint: the run goes on from the one before it',
  });
}
