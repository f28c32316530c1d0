/**
 * How much memory each use of a model takes on a device, before anything is allocated: the use itself runs, on a device that
 * counts and computes nothing. So every plan, slot, state and input is counted, and nothing has to be foretold twice.
 */
import { LimitError } from './errors.js';
import type { Capabilities, Kernel } from './kernel.js';
import type { ModelConfig } from './model/config.js';
import { DeviceModel } from './model/deviceModel.js';
import { generate } from './model/generate.js';
import { parameterBytes, type WeightDType } from './model/parameters.js';
import { countingDevice } from './run/countingDevice.js';
import { Session } from './run/session.js';
import type { Example } from './task/example.js';
import type { Ablation } from './attribution/ablation.js';
import { attribute } from './attribution/attribute.js';
import type { AttributionMethod } from './attribution/attributionMethods.js';
import { faithfulness } from './evaluation/faithfulness.js';
import { measure } from './evaluation/measure.js';
import type { Nodes } from './circuit/nodes.js';
import type { Hyper, OptimizerKind } from './tuning/optimizer.js';
import { wholeGraph } from './circuit/select.js';
import { Tuning } from './tuning/tune.js';

/** Bytes on the device, at the most. What carries numbers back to the host for a moment is left out. */
export interface MemoryUse {
  /** The model's parameters. */
  readonly parameters: number;
  /** What lives across runs: scores, means, masks, optimizer states; and what is uploaded for one. */
  readonly states: number;
  /** Temporaries of one run: shared by the programs of a session. */
  readonly temporaries: number;
  readonly total: number;
}

/** What must be known of a device that is not opened, or not filled. */
export interface MemoryFacts {
  readonly kernels: readonly Kernel[];
  readonly capabilities: Capabilities;
  /** What weights lie there as; f32 unless told. */
  readonly dtype?: WeightDType | undefined;
}

/** @throws what the work throws: LimitError where the device cannot do it at all. */
export async function memoryOf(
  config: ModelConfig,
  { kernels, capabilities, dtype = 'f32' }: MemoryFacts,
  work: (model: DeviceModel) => Promise<void>,
): Promise<MemoryUse> {
  const { limits, subgroup, isSoftware, precision } = capabilities;
  const counted = countingDevice(capabilities);
  const facts = { limits, isSoftware, precision, ...(subgroup && { subgroup }) };
  const session = new Session({ device: counted.device, kernels, ...facts });
  try {
    await work(DeviceModel.unfilled(session, config, dtype));
    const parameters = parameterBytes(config, dtype);
    const temporaries = session.sharedBytes;
    const total = counted.peak;
    return { parameters, states: total - parameters - temporaries, temporaries, total };
  } finally {
    session.dispose();
  }
}

export interface UseOptions extends MemoryFacts {
  readonly nodes: Nodes;
  /** Examples of a batch, and tokens of the longest. */
  readonly B: number;
  readonly T: number;
  readonly ablation: Ablation;
  readonly optimizer: OptimizerKind;
  /** How edges are scored; EAP unless told. */
  readonly method?: AttributionMethod;
  /** Which positions are; all unless told. */
  readonly positions?: 'all' | 'answer';
  /** Edges that a search keeps; a tenth unless told. */
  readonly topN?: number;
}

export const memoryUses = [
  'evaluate',
  'faithfulness',
  'discover',
  'tune the circuit',
  'tune everything',
  'generate',
] as const;
export type NamedUse = (typeof memoryUses)[number];

/** A sentence where the adapter cannot do it. */
export type Memory = Record<NamedUse, MemoryUse | string>;

const isTuning = (use: NamedUse): boolean => use === 'tune the circuit' || use === 'tune everything';

/** What the uses take with examples of one target each; those that tune have their weights as f32, whatever is asked. */
export async function memoryOfUses(config: ModelConfig, options: UseOptions): Promise<Memory> {
  const found: Partial<Memory> = {};
  for (const use of memoryUses) {
    const facts = isTuning(use) ? { ...options, dtype: 'f32' as const } : options;
    found[use] = await told(memoryOf(config, facts, (model) => run(model, use, options)));
  }
  // Every use is in the list.
  return found as Memory;
}

async function told(use: Promise<MemoryUse>): Promise<MemoryUse | string> {
  try {
    return await use;
  } catch (error) {
    if (error instanceof LimitError) return error.message;
    throw error;
  }
}

const SMALL_STEP = 1e-6;

const hyper: Hyper = {
  optimizer: 'sgd',
  lr: SMALL_STEP,
  momentum: 0.9,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxNorm: 1,
  warmupSteps: 0,
  schedule: 'constant',
};

/** As the commands do it, with as few batches and steps as show all that they hold. */
async function run(model: DeviceModel, use: NamedUse, options: UseOptions): Promise<void> {
  const { nodes, B: batchSize, T, ablation, optimizer, method = 'EAP', positions = 'all', topN } = options;
  const examples = madeUp(batchSize, T);
  const metric = 'logit_diff';
  if (use === 'generate') {
    const said = generate(model, madeUp(1, Math.max(1, T - 1))[0]!.tokens, { maxTokens: 2 });
    while (!(await said.next()).done);
    return;
  }
  if (use === 'evaluate') {
    await measure(model, examples, { metric: 'nll', batchSize });
    return void (await measure(model, examples, { metric, batchSize }));
  }
  if (use === 'faithfulness')
    return void (await faithfulness(model, examples, [wholeGraph(nodes)], {
      metric,
      ablation,
      batchSize,
      controls: 0,
    }));
  const search = { nodes, metric, method, ablation, positions, maxMinutes: Infinity } as const;
  // Means of several batches take a pass of their own.
  if (use === 'discover') return void (await attribute(model, madeUp(2 * batchSize, T), { ...search, batchSize }));
  const tuning = new Tuning(model, examples, {
    ...hyper,
    optimizer,
    method: use === 'tune everything' ? 'full' : 'circuit',
    // Two searches: the second circuit has states of its own.
    steps: 2,
    batchSize,
    accumulation: 1,
    seed: 0,
    objective: 'all',
    ...(use === 'tune the circuit' && {
      search: { ...search, every: 1, topN: topN ?? Math.max(1, Math.round(nodes.edgeCount / 10)) },
    }),
  });
  const events = tuning.run();
  while (!(await events.next()).done);
}

/** Examples of T tokens, each with one place to look at. */
function madeUp(count: number, T: number): (Example & { readonly kind: 'tokens' })[] {
  const tokens = Array<number>(T).fill(0);
  const targets = [{ pos: Math.max(1, T - 1), good: [0], bad: [0] }];
  return Array.from({ length: count }, (_, i) => ({
    kind: 'tokens',
    id: `${i}`,
    line: i + 1,
    tokens,
    corruptTokens: tokens,
    targets,
  }));
}
