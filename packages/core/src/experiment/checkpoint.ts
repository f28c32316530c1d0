/**
 * Where tuning stood after a step, to go on bit for bit: parameters, optimizer state, circuits, and how much had been
 * told. The order of batches and searches follows from seed and step, so nothing else is needed.
 */
import type { Circuit } from '../circuit/circuit.js';
import type { Nodes } from '../circuit/nodes.js';
import type { Method, Tuning, TuneState } from '../circuit/tune.js';
import { WeightError } from '../errors.js';
import { bytesFile, textFile, type OutputFile } from '../io/hfExport.js';
import { openSafetensors, readFloats, type SafetensorsFile } from '../io/safetensors.js';
import { writeHeader, writeSafetensors, type TensorLayout } from '../io/safetensorsWrite.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { parameterShapes } from '../model/parameters.js';
import type { Parameters } from '../model/weights.js';
import { keptText, type Keeper } from './keeper.js';

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
  keeper: Keeper,
  method: Method,
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
  await keeper.writeFolder(`checkpoints/${method}/${stepName(step)}`, files);
  for (const old of (await checkpoints(keeper, method)).slice(0, -KEPT)) await keeper.removeFolder(old);
}

/** Whole checkpoints, oldest first. */
const checkpoints = async (keeper: Keeper, method: Method): Promise<string[]> => {
  const folder = `checkpoints/${method}`;
  const names = (await keeper.list(folder)).filter((name) => /^step-\d+$/.test(name));
  return names.toSorted().map((name) => `${folder}/${name}`);
};

export interface Checkpoint extends Progress {
  readonly state: TuneState;
  /** Puts parameters and optimizer state on the device; the tuning must be given the state afterwards. */
  restore(model: DeviceModel, tuning: Tuning): Promise<void>;
}

/**
 * The newest checkpoint of the method; undefined where there is none.
 * @throws WeightError where it is damaged.
 */
export async function latestCheckpoint(keeper: Keeper, method: Method, nodes: Nodes): Promise<Checkpoint | undefined> {
  const place = (await checkpoints(keeper, method)).at(-1);
  if (place === undefined) return undefined;
  const text = await keptText(keeper, `${place}/state.json`);
  if (text === undefined) return incomplete(keeper, `${place}/state.json`);
  const json = JSON.parse(text) as StateJson;
  const circuit = (edges: number[] | undefined): Circuit | undefined =>
    edges && { nodes, edges: Uint32Array.from(edges) };
  const parameters = await openTensors(keeper, `${place}/parameters.safetensors`);
  const optimizer = await openTensors(keeper, `${place}/optimizer.safetensors`);
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
      await model.writeAll(parametersOf(parameters));
      const values = new Map<string, Float32Array<ArrayBuffer>>();
      for (const tensor of optimizer.tensors.keys()) values.set(tensor, await readFloats(optimizer, tensor));
      tuning.tuner.clearState();
      tuning.tuner.writeState(values);
      tuning.restore(state);
    },
  };
}

/**
 * The parameters of the newest checkpoint of a method and the steps they have behind them, for whoever wants to ask the
 * model of a run that does not go on: `DeviceModel.writeAll` puts them on a device. Undefined where there is none.
 * @throws WeightError where it is damaged.
 */
export async function keptParameters(
  keeper: Keeper,
  method: Method,
): Promise<{ readonly step: number; readonly parameters: Parameters } | undefined> {
  const place = (await checkpoints(keeper, method)).at(-1);
  if (place === undefined) return undefined;
  const step = Number(place.slice(place.lastIndexOf('-') + 1));
  return { step, parameters: parametersOf(await openTensors(keeper, `${place}/parameters.safetensors`)) };
}

const parametersOf = (file: SafetensorsFile): Parameters => ({ read: (name, rows) => readFloats(file, name, rows) });

async function openTensors(keeper: Keeper, path: string): Promise<SafetensorsFile> {
  const source = await keeper.open(path);
  return source ? openSafetensors(source) : incomplete(keeper, path);
}

function incomplete({ name }: Keeper, path: string): never {
  throw new WeightError({
    where: `${name}/${path}`,
    rule: 'must be part of the checkpoint',
    got: 'nothing of that name',
    cure: 'Remove this checkpoint: the run goes on from the one before it',
  });
}
