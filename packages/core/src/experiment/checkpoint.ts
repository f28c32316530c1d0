/**
 * Where tuning stood after a step, to go on bit for bit: parameters, optimizer state, circuits, and how much had been
 * told. The order of batches and searches follows from seed and step, so nothing else is needed.
 */
import type { Circuit } from '../circuit/circuit.js';
import type { Nodes } from '../circuit/nodes.js';
import type { LoraOptions } from '../tuning/lora.js';
import type { Method } from '../tuning/methods/index.js';
import type { Slice } from '../circuit/slices.js';
import type { Tuning, TuneState } from '../tuning/tune.js';
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
  readonly slices?: readonly Slice[];
  readonly adapters?: LoraOptions;
}

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

/** Whole or not at all; all but the newest `kept` go once it is there. With two, there is another if one is damaged. */
export async function saveCheckpoint(
  keeper: Keeper,
  method: Method,
  model: DeviceModel,
  tuning: Tuning,
  { kept, ...progress }: Progress & { readonly kept: number | 'all' },
): Promise<void> {
  const { step, circuit, found, first, slices, adapters } = tuning.state;
  const edges = (it: Circuit | undefined): number[] | undefined => it && [...it.edges];
  const state: StateJson = {
    format: 'circuit-tuning checkpoint 1',
    step,
    ...progress,
    ...(circuit && { circuit: edges(circuit), found: edges(found), first: edges(first) }),
    ...(slices && { slices }),
    ...(adapters && { adapters }),
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
  if (kept === 'all') return;
  for (const old of (await checkpoints(keeper, method)).slice(0, -kept)) await keeper.removeFolder(old);
}

/** Whole checkpoints, oldest first. */
const checkpoints = async (keeper: Pick<Keeper, 'list'>, method: string): Promise<string[]> => {
  const folder = `checkpoints/${method}`;
  const names = (await keeper.list(folder)).filter((name) => /^step-\d+$/.test(name));
  return names.toSorted().map((name) => `${folder}/${name}`);
};

export interface Checkpoint extends Progress {
  readonly state: TuneState;
  /** Puts parameters and optimizer state on a device that holds the base and no optimizer state. */
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
    ...(json.slices && { slices: json.slices }),
    ...(json.adapters && { adapters: json.adapters }),
  };
  return {
    events,
    seconds,
    tunedMax,
    state,
    async restore(model, tuning) {
      const values = new Map<string, Float32Array<ArrayBuffer>>();
      for (const tensor of optimizer.tensors.keys()) values.set(tensor, await readFloats(optimizer, tensor));
      await tuning.restore(state, async () => {
        await model.writeAll(parametersOf(parameters));
        tuning.tuner.writeState(values);
      });
    },
  };
}

/** The parameters of a model that a run kept on its way. */
export interface KeptParameters {
  /** Steps they have behind them. */
  readonly step: number;
  /** Where they lie, a path in the run. */
  readonly from: string;
  /** @throws WeightError where they are damaged. */
  open(): Promise<Parameters>;
}

/** Of every checkpoint of a method that is still there, oldest first. */
export async function everyKeptParameters(
  keeper: Pick<Keeper, 'name' | 'open' | 'list'>,
  method: string,
): Promise<KeptParameters[]> {
  return (await checkpoints(keeper, method)).map((place) => ({
    step: Number(place.slice(place.lastIndexOf('-') + 1)),
    from: place,
    open: async () => parametersOf(await openTensors(keeper, `${place}/parameters.safetensors`)),
  }));
}

/**
 * The newest of them, for whoever wants to ask the model of a run that does not go on: `DeviceModel.writeAll` puts them on
 * a device. Undefined where there is none.
 * @throws WeightError where it is damaged.
 */
export async function keptParameters(
  keeper: Keeper,
  method: Method,
): Promise<{ readonly step: number; readonly parameters: Parameters } | undefined> {
  const newest = (await everyKeptParameters(keeper, method)).at(-1);
  return newest && { step: newest.step, parameters: await newest.open() };
}

const parametersOf = (file: SafetensorsFile): Parameters => ({ read: (name, rows) => readFloats(file, name, rows) });

async function openTensors(keeper: Pick<Keeper, 'name' | 'open'>, path: string): Promise<SafetensorsFile> {
  const source = await keeper.open(path);
  return source ? openSafetensors(source) : incomplete(keeper, path);
}

function incomplete({ name }: Pick<Keeper, 'name'>, path: string): never {
  throw new WeightError({
    where: `${name}/${path}`,
    rule: 'must be part of the checkpoint',
    got: 'nothing of that name',
    cure: 'Remove this checkpoint: the run goes on from the one before it',
  });
}
