/** Questions about a model while it is tuned: what comes next after a prompt, what heads look at, what moved. */
import { lastLogits, TaskError, type Prepared } from '@circuit-tuning/core';
import type { Asking } from './liveRun.js';
import type { AttentionPattern, NodeFacts, PromptAnswer, PromptAsked, TokenShare } from './protocol.js';

/** @throws TaskError for an empty prompt, one that is too long, or words for a model without a tokenizer. */
export function tokensOf(prompt: string, { base: { tokenizer, config } }: Prepared): number[] {
  const ids = tokenizer
    ? tokenizer.encode(prompt)
    : prompt
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(Number);
  const alien = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= config.V);
  if (alien !== undefined)
    throw new TaskError({
      where: 'prompt',
      rule: `must be token ids below ${config.V}, for this model has no tokenizer`,
      got: prompt,
      cure: 'Write numbers with spaces between them, or add the tokenizer.json of the model',
    });
  if (ids.length === 0)
    throw new TaskError({ where: 'prompt', rule: 'must have at least one token', got: 'none', cure: 'Write a word' });
  if (ids.length > config.T)
    throw new TaskError({
      where: 'prompt',
      rule: `must fit the model's context of ${config.T} tokens`,
      got: ids.length,
      cure: 'Shorten it',
    });
  return ids;
}

/** A token as it stands in a text; its id where the vocabulary has no text for it. */
function textOf(id: number, { base: { tokenizer } }: Prepared): string {
  try {
    return tokenizer ? tokenizer.decode([id]) : `${id}`;
  } catch {
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

export async function answerPrompt({ prepared, base, now, step }: Asking, asked: PromptAsked): Promise<PromptAnswer> {
  const tokens = tokensOf(asked.prompt, prepared);
  const text = (id: number): string => textOf(id, prepared);
  const shares = (logits: Float32Array): TokenShare[] => sharesOf(logits, asked.top, text);
  return {
    tokens: tokens.map(text),
    base: shares(await lastLogits(base, tokens)),
    ...(step > 0 && { tuned: shares(await lastLogits(now, tokens)) }),
    step,
  };
}

export async function attentionOf({ step }: Asking, node: string, prompt: string): Promise<AttentionPattern> {
  throw new Error(`not here yet: ${node} ${prompt} ${step}`);
}

export async function factsOfNode({ step }: Asking, node: string): Promise<NodeFacts> {
  throw new Error(`not here yet: ${node} ${step}`);
}
