/** train.yaml: everything that decides the embedded model's weights and tasks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vocabulary, type ModelConfig } from '@circuit-tuning/core';
import { parse } from 'yaml';
import { z } from 'zod';
import { embedded } from '../home.js';

const count = z.int().min(1);
const seed = z.int().min(0);
const rows = z.strictObject({ seed, count });

const recipeSchema = z.strictObject({
  seed,
  model: z.strictObject({ layers: count, width: count, heads: count, neurons: count, context: count }),
  text: z.strictObject({ seed, sentences: count }),
  training: z.strictObject({
    steps: count,
    batch_size: count,
    learning_rate: z.number().positive(),
    betas: z.tuple([z.number(), z.number()]),
    max_norm: z.number().nonnegative(),
    warmup_steps: count,
  }),
  tasks: z.strictObject({ pairs: rows, held_out_pairs: rows, opposite: rows, text: rows }),
});

export type Recipe = z.output<typeof recipeSchema>;

export const readRecipe = async (): Promise<Recipe> =>
  recipeSchema.parse(parse(await readFile(join(embedded, 'train.yaml'), 'utf8')));

/** A GPT-2 of the recipe's size over the grammar's words. */
export function configOf({ model }: Recipe): ModelConfig {
  const { layers: L, width: D, heads: H, neurons: F, context: T } = model;
  return {
    modelType: 'gpt2',
    L,
    D,
    H,
    K: H,
    E: D / H,
    F,
    V: vocabulary().length,
    T,
    norm: 'layernorm',
    eps: 1e-5,
    position: { kind: 'learned' },
    act: 'gelu_new',
    qkvBias: true,
    outBias: true,
    tied: true,
  };
}
