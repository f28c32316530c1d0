/** What each command that opens a device takes of it, on a task that is made up: by what it does with flags like these. */
import {
  LimitError,
  experimentMemory,
  memoryOf,
  prepareExperiment,
  requireMemory,
  type AttributionMethod,
  type Convention,
  type DeviceModel,
  type Experiment,
  type MemoryFacts,
  type MemoryUse,
  type Model,
  type Prepared,
  type WeightDType,
} from '@circuit-tuning/core';
import { discoverExperiment } from './discover.js';
import type { Given } from './flags.js';
import {
  rehearseAnalyze,
  rehearseDiscover,
  rehearseEvaluate,
  rehearseGenerate,
  rehearseStable,
  type Evaluated,
} from './rehearsals.js';
import { stabilityExperiment } from './stability.js';
import { tuneExperiment } from './tune.js';

export interface How {
  readonly graph: Convention;
  readonly batchSize: number;
  /** Tokens of every example; of what is generated, the prompt's included. */
  readonly length: number;
  readonly optimizer: 'sgd' | 'adamw';
  readonly method: AttributionMethod;
  readonly positions: 'all' | 'answer';
  readonly topN?: number | undefined;
  /** Of commands that take it. */
  readonly dtype?: WeightDType | undefined;
}

/** New tokens of an answer, where they are half of the text at most. */
const ANSWER = 40;

/** Examples of a task, at the least: as many as a bootstrap is worth while of. */
const LEAST_EXAMPLES = 16;

/** What it takes, on the device that the facts are of. */
type Plan = (base: Model, how: How, facts: MemoryFacts) => Promise<MemoryUse>;

/** One command. */
interface Use {
  readonly plan: Plan;
  /** Flags of `How` that it takes beside those of sizes, and that would lower what it takes. */
  readonly takes: readonly ('positions' | 'dtype')[];
  /** Where it is not, it would be refused with these flags. */
  readonly isAble?: (base: Model, how: How) => boolean;
}

const told =
  (work: (model: DeviceModel, prepared: Prepared, how: How) => Promise<void>, more: Given = {}): Plan =>
  async (base, how, facts) => {
    const prepared = await madeUp(base, how, discoverExperiment({ ...discoveryFlags(how), ...more }));
    return memoryOf(base.config, facts, (model) => work(model, prepared, how));
  };

const evaluated = (more: (prepared: Prepared, how: How) => Partial<Evaluated> = () => ({})): Use => ({
  plan: told((model, prepared, how) => {
    const { search: examples, metric } = prepared;
    return rehearseEvaluate(model, { examples, metric, ...more(prepared, how) }, how.batchSize);
  }),
  takes: ['dtype'],
});

const circuitOf = ({ nodes }: Prepared) => ({ nodes, ablation: 'patching' }) as const;

const tuned = (method: string, ...takes: Use['takes']): Use => ({
  plan: async (base, how, facts) => {
    const { graph, positions, optimizer } = how;
    const flags = { ...task, graph, positions, optimizer, method, steps: '2', ...sizes(how) };
    return experimentMemory(await madeUp(base, how, tuneExperiment(flags)), facts);
  },
  takes,
});

const scores: Use['takes'] = ['positions', 'dtype'];

/** By what is typed, without files. */
const uses: Readonly<Record<string, Use>> = {
  evaluate: evaluated(),
  'evaluate --circuit': evaluated((prepared) => ({ circuit: circuitOf(prepared) })),
  'evaluate --circuit --exact': evaluated((prepared) => ({ circuit: { ...circuitOf(prepared), exact: true } })),
  'evaluate --grade': evaluated((_, { batchSize, length }) => {
    const maxNewTokens = newTokens(length);
    const prompt = Array<number>(length - maxNewTokens).fill(0);
    return { graded: { rows: Array.from({ length: batchSize }, () => ({ prompt })), maxNewTokens } };
  }),
  discover: { plan: told((model, prepared) => rehearseDiscover(model, prepared)), takes: scores },
  'discover --nodes --by-position end --per-example': {
    plan: told((model, prepared) => rehearseDiscover(model, prepared), {
      nodes: true,
      byPosition: 'end',
      perExample: true,
    }),
    takes: ['dtype'],
    isAble: (_, { graph, method, positions }) => graph === 'eap-ig' && positions === 'all' && method !== 'exact',
  },
  stability: {
    plan: async (base, how, facts) => {
      const prepared = await madeUp(base, how, stabilityExperiment(discoveryFlags(how)));
      return memoryOf(base.config, facts, (model) => rehearseStable(model, prepared));
    },
    takes: scores,
  },
  tune: tuned('circuit', 'positions'),
  'tune --method full': tuned('full'),
  'tune --method lora': tuned('lora', 'positions'),
  generate: {
    plan: ({ config }, { length }, facts) =>
      memoryOf(config, facts, (model) => rehearseGenerate(model, length - newTokens(length), length)),
    takes: ['dtype'],
  },
  'analyze --checkpoints': {
    plan: told((model, { search }, { batchSize }) => rehearseAnalyze(model, search, undefined, batchSize)),
    takes: [],
  },
  'analyze --checkpoints --upstream': {
    plan: told((model, { search }, { batchSize }) => {
      const heads = [`a${model.config.L - 1}.h0`];
      return rehearseAnalyze(model, search, { heads, ablation: 'mean' }, batchSize);
    }),
    takes: [],
    isAble: ({ config }) => config.L > 1,
  },
};

export interface CommandMemory {
  /** What it takes; a sentence where the adapter cannot do it. */
  readonly use: MemoryUse | string;
  /** Where that is above what is allowed: what would bring it below. */
  readonly above?: string;
}

/** @param most bytes that a command may take, where somebody says. */
export async function memoryOfCommands(
  base: Model,
  how: How,
  facts: MemoryFacts,
  most = Infinity,
): Promise<Record<string, CommandMemory>> {
  const found: Record<string, CommandMemory> = {};
  for (const [name, use] of Object.entries(uses))
    if (use.isAble?.(base, how) !== false) found[name] = await planned(name, use, { base, how, facts, most });
  return found;
}

async function planned(
  where: string,
  { plan, takes }: Use,
  { base, how, facts, most }: { base: Model; how: How; facts: MemoryFacts; most: number },
): Promise<CommandMemory> {
  const needs = (changes: Partial<How>) => (batchSize: number) => {
    const changed = { ...how, ...changes, batchSize };
    return plan(base, changed, { ...facts, dtype: takes.includes('dtype') ? changed.dtype : 'f32' });
  };
  const { batchSize, length, positions, dtype } = how;
  const use = await caught(needs({})(batchSize));
  if (typeof use === 'string' || use.total <= most) return { use };
  const half = Math.floor(length / 2);
  const others: Readonly<Record<string, Partial<How>>> = {
    ...(takes.includes('positions') &&
      positions === 'all' && { 'score the answers alone (--positions answer)': { positions: 'answer' } }),
    ...(takes.includes('dtype') && dtype !== 'f16' && { 'round the weights to f16 (--dtype f16)': { dtype: 'f16' } }),
    ...(half > 1 && { [`take texts of at most ${half} tokens (--length)`]: { length: half } }),
  };
  const budget = { bytes: most, where, batchSize, knobs: { batch: '--batch-size', budget: '--memory' } };
  const ways = Object.entries(others).map(([cure, changes]) => ({ cure, needs: needs(changes) }));
  const above = await caught(requireMemory(budget, needs({}), ways));
  return { use, ...(typeof above === 'string' && { above }) };
}

async function caught(use: Promise<MemoryUse>): Promise<MemoryUse | string> {
  try {
    return await use;
  } catch (error) {
    if (error instanceof LimitError) return error.message;
    throw error;
  }
}

const newTokens = (length: number): number => Math.max(1, Math.min(ANSWER, Math.floor(length / 2)));

const task = { model: 'made up', task: 'made up' };

const sizes = ({ batchSize, topN }: How): Given => ({
  batchSize: `${batchSize}`,
  ...(topN !== undefined && { topN: `${topN}` }),
});

const discoveryFlags = (how: How): Given => {
  const { graph, method, positions } = how;
  return { ...task, graph, method, positions, ...sizes(how) };
};

/** The experiment on pairs that differ in their first token, with one answer at their end. */
function madeUp(base: Model, { batchSize, length }: How, experiment: Experiment): Promise<Prepared> {
  const tokens = Array<number>(length).fill(0);
  const row = { tokens, corrupt_tokens: tokens.with(0, 1), targets: [{ pos: length, good: 0, bad: 1 }] };
  const text = `${JSON.stringify(row)}\n`.repeat(Math.max(LEAST_EXAMPLES, 2 * batchSize));
  return prepareExperiment(experiment, { text: () => Promise.resolve(text), model: () => Promise.resolve(base) });
}
