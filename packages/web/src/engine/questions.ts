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
  type Prepared,
} from '@circuit-tuning/core';
import type { Asking } from './liveRun.js';
import type { AttentionPattern, NodeFacts, PromptAnswer, PromptAsked, TokenShare } from './protocol.js';

/** @throws TaskError where a model without a tokenizer is given words. */
export function tokensOf(prompt: string, { base: { tokenizer, config } }: Pick<Prepared, 'base'>): number[] {
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
function textOf(id: number, { base: { tokenizer } }: Prepared): string {
  try {
    return tokenizer ? tokenizer.decode([id]) : `${id}`;
  } catch {
    // a model may have more rows than the tokenizer has tokens
    return `[${id}]`;
  }
}

/** The likeliest tokens by the softmax of the logits, the likeliest first. */
export function sharesOf(logits: Float32Array, top: number, textOf: (id: number) => string): TokenShare[] {
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
  const { prepared, base, now, step, version } = asking;
  const tokens = tokensOf(asked.prompt, prepared);
  const text = (id: number): string => textOf(id, prepared);
  const shares = (logits: Float32Array): TokenShare[] => sharesOf(logits, asked.top, text);
  const answer = {
    base: shares(await logitsOf(base, tokens, 0)),
    ...(step > 0 && { tuned: shares(await logitsOf(now, tokens, version)) }),
    step,
    tokens: tokens.map(text),
  };
  const kept = keptOf(prepared, asked);
  if (!kept) return answer;
  const { ablation } = asked;
  if (ablation === 'mean') await meansOf(asking);
  return { ...answer, off: shares(await promptLogits(now, tokens, { kept, ablation })) };
}

/** The edges that stay; undefined where all of them do. */
function keptOf({ nodes }: Prepared, { off, only }: PromptAsked): Circuit | undefined {
  if (!only && off.length === 0) return undefined;
  const whole = wholeGraph(nodes);
  const edges = allEdges(nodes);
  return withoutParts(only ? { nodes, edges: only.map((index) => edges[index]!).toSorted() } : whole, off);
}

/** Over the examples that circuits are found on, by the model as it is: what searches with mean ablation take too. */
async function meansOf({ prepared, now }: Asking): Promise<void> {
  const { nodes, search, experiment } = prepared;
  const shape = { batchSize: experiment.discovery.batch_size, sides: 'good' as const };
  await takeMeans(now, nodes, makeBatches(search, { ...shape, minT: commonT(search, shape) }));
}

/** @throws ConfigError for what is no head. */
export async function attentionOf(
  { prepared, base, now, step }: Asking,
  node: string,
  prompt: string,
): Promise<AttentionPattern> {
  const { L, H } = prepared.base.config;
  const [, layer = NaN, head = NaN] = /^a(\d+)\.h(\d+)$/.exec(node)?.map(Number) ?? [];
  if (!(layer < L && head < H))
    throw new ConfigError({
      where: node,
      rule: `must be a head, from a0.h0 to a${L - 1}.h${H - 1}`,
      got: node,
      cure: 'Choose a head: MLPs do not look at other tokens',
    });
  const tokens = tokensOf(prompt, prepared);
  const size = tokens.length ** 2;
  const ofHead = (all: Float32Array): Float32Array => all.slice(head * size, (head + 1) * size);
  return {
    tokens: tokens.map((id) => textOf(id, prepared)),
    base: ofHead(await attentionPatterns(base, tokens, layer)),
    ...(step > 0 && { tuned: ofHead(await attentionPatterns(now, tokens, layer)) }),
  };
}

export const factsOfNode = async ({ prepared, base, now, step }: Asking, node: string): Promise<NodeFacts> => ({
  node,
  slices: await movedBy(prepared.nodes, node, base, now),
  step,
});
