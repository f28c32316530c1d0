/** Questions about a model while it is tuned: what comes next after a prompt, what heads look at, what moved. */
import {
  allEdges,
  attentionPatterns,
  commonT,
  ConfigError,
  lastLogits,
  makeBatches,
  movedBy,
  promptLogits,
  takeMeans,
  TaskError,
  wholeGraph,
  withoutParts,
  type Circuit,
  type DeviceModel,
  type Nodes,
  type Prepared,
  type Tokenizer,
} from '@circuit-tuning/core';
import type { AttentionPattern, NodeFacts, PromptAnswer, PromptAsked, TokenShare } from './protocol.js';

/** What is asked about. */
export interface Asking {
  readonly nodes: Nodes;
  /** Without one prompts are token ids. */
  readonly tokenizer: Tokenizer | undefined;
  /** The model as it is now, or as tuning left it. */
  readonly now: DeviceModel;
  /** As it was before; undefined where that is not here. */
  readonly base: DeviceModel | undefined;
  /** Steps behind `now`; 0 where it is the base. */
  readonly step: number;
  /** Another number whenever `now` may be another model. */
  readonly version: number;
  /** The examples that circuits are found on, for means; undefined where they are not here. */
  readonly examples?: Pick<Prepared, 'search' | 'experiment'>;
}

/** @throws TaskError where a model without a tokenizer is given words. */
function tokensOf(prompt: string, { tokenizer, nodes: { config } }: Asking): number[] {
  if (tokenizer) return tokenizer.encode(prompt);
  const ids = prompt.split(/[\s,]+/).filter(Boolean);
  const alien = ids.find((id) => !/^\d+$/.test(id));
  if (alien === undefined) return ids.map(Number);
  throw new TaskError({
    where: 'prompt',
    rule: `must be token ids below ${config.V}, for this model has no tokenizer`,
    got: alien,
    cure: 'Write numbers with spaces between them, or add the tokenizer.json of the model',
  });
}

/** A token as it stands in a text; its id where the vocabulary has no text for it, or there is none. */
function textOf(id: number, { tokenizer }: Asking): string {
  try {
    return tokenizer ? tokenizer.decode([id]) : `${id}`;
  } catch {
    // a model may have more rows than the tokenizer has tokens
    return `[${id}]`;
  }
}

/** The likeliest tokens by the softmax of the logits, the likeliest first. */
function sharesOf(logits: Float32Array, top: number, textOf: (id: number) => string): TokenShare[] {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((so, logit) => so + Math.exp(logit - most), 0);
  const order = Uint32Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return Array.from(order.subarray(0, top), (id) => ({
    id,
    text: textOf(id),
    share: Math.exp(logits[id]! - most) / sum,
  }));
}

const answered = new WeakMap<DeviceModel, { readonly key: string; readonly logits: Float32Array }>();

/** A page asks again whenever something has happened, which is rarely to the prompt and never to the base model. */
async function logitsOf(model: DeviceModel, tokens: readonly number[], version: number): Promise<Float32Array> {
  const key = `${version}: ${tokens.join()}`;
  const last = answered.get(model);
  if (last?.key === key) return last.logits;
  const logits = await lastLogits(model, tokens);
  answered.set(model, { key, logits });
  return logits;
}

export async function answerPrompt(asking: Asking, asked: PromptAsked): Promise<PromptAnswer> {
  const { nodes, base, now, step, version } = asking;
  const tokens = tokensOf(asked.prompt, asking);
  const text = (id: number): string => textOf(id, asking);
  const shares = (logits: Float32Array): TokenShare[] => sharesOf(logits, asked.top, text);
  const answer = {
    ...(base && { base: shares(await logitsOf(base, tokens, 0)) }),
    ...(step > 0 && { tuned: shares(await logitsOf(now, tokens, version)) }),
    step,
    tokens: tokens.map(text),
  };
  const kept = keptOf(nodes, asked);
  if (!kept) return answer;
  const { ablation } = asked;
  if (ablation === 'mean') await meansOf(asking);
  return { ...answer, off: shares(await promptLogits(now, tokens, { kept, ablation })) };
}

/** The edges that stay; undefined where all of them do. */
function keptOf(nodes: Nodes, { off, only }: PromptAsked): Circuit | undefined {
  if (!only && off.length === 0) return undefined;
  const whole = wholeGraph(nodes);
  const edges = allEdges(nodes);
  return withoutParts(only ? { nodes, edges: only.map((index) => edges[index]!).toSorted() } : whole, off);
}

/** Over the examples that circuits are found on, by the model as it is: what searches with mean ablation take too. */
async function meansOf({ examples, nodes, now }: Asking): Promise<void> {
  if (!examples)
    throw new TaskError({
      where: 'the average in place of parts',
      rule: "needs the examples of the run's task",
      got: 'a run from files, which has them not',
      cure: 'Put nothing (zero) in their place',
    });
  const { search, experiment } = examples;
  const shape = { batchSize: experiment.discovery.batch_size, sides: 'good' as const };
  await takeMeans(now, nodes, makeBatches(search, { ...shape, minT: commonT(search, shape) }));
}

/** @throws ConfigError for what is no head. */
export async function attentionOf(asking: Asking, node: string, prompt: string): Promise<AttentionPattern> {
  const { base, now, step } = asking;
  const { L, H } = asking.nodes.config;
  const [, layer = NaN, head = NaN] = /^a(\d+)\.h(\d+)$/.exec(node)?.map(Number) ?? [];
  if (!(layer < L && head < H))
    throw new ConfigError({
      where: node,
      rule: `must be a head, from a0.h0 to a${L - 1}.h${H - 1}`,
      got: node,
      cure: 'Choose a head: MLPs do not look at other tokens',
    });
  const tokens = tokensOf(prompt, asking);
  const size = tokens.length ** 2;
  const ofHead = (all: Float32Array): Float32Array => all.slice(head * size, (head + 1) * size);
  return {
    tokens: tokens.map((id) => textOf(id, asking)),
    ...(base && { base: ofHead(await attentionPatterns(base, tokens, layer)) }),
    ...(step > 0 && { tuned: ofHead(await attentionPatterns(now, tokens, layer)) }),
  };
}

/** @throws ConfigError where there is no base to compare with. */
export async function factsOfNode({ nodes, base, now, step }: Asking, node: string): Promise<NodeFacts> {
  if (!base)
    throw new ConfigError({
      where: node,
      rule: 'how far it moved needs the base model',
      got: 'a run whose base is not here',
      cure: 'Add it in step 1 of “Your own model and task”, then open the run again',
    });
  return { node, slices: await movedBy(nodes, node, base, now), step };
}
