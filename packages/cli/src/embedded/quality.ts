/** What the embedded model can do, beside what a perfect model could: the numbers of its card. */
import {
  agreementPairs,
  constructions,
  createTokenizer,
  entropies,
  measure,
  plainText,
  readTask,
  structures,
  tokenizerConfig,
  tokenizerJson,
  type DeviceModel,
  type Example,
  type Structure,
} from '@circuit-tuning/core';

export interface Quality {
  /** On pairs with nouns and prompts that no tuning text has. */
  readonly agreement: Readonly<Record<Structure, { readonly logitDiff: number; readonly accuracy: number }>>;
  /** Nats per word of held-out sentences, and the entropy of the grammar. */
  readonly loss: readonly { readonly kind: string; readonly nll: number; readonly entropy: number }[];
}

export async function qualityOf(
  model: DeviceModel,
  { seed, count }: { seed: number; count: number },
): Promise<Quality> {
  const { config } = model;
  const tokenizer = createTokenizer(tokenizerJson(), tokenizerConfig(config));
  const read = (name: string, rows: readonly object[]): readonly Example[] => {
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    return readTask(text, { name, tokenizer, vocabSize: config.V, maxTokens: config.T }).examples;
  };
  const options = { seed, count, heldOut: true };
  const agreement = {} as Record<Structure, { logitDiff: number; accuracy: number }>;
  for (const structure of structures) {
    const pairs = read(structure, agreementPairs({ ...options, structures: [structure] }));
    const { value, accuracy = 0 } = await measure(model, pairs, { metric: 'logit_diff', batchSize: 32 });
    agreement[structure] = { logitDiff: value, accuracy };
  }
  const floor = entropies({ seed, count: 5000 });
  const loss: { kind: string; nll: number; entropy: number }[] = [];
  for (const kind of ['agreement', ...constructions] as const) {
    const { value } = await measure(model, read(kind, plainText(kind, options)), { metric: 'nll', batchSize: 32 });
    loss.push({ kind, nll: value, entropy: floor[kind] });
  }
  return { agreement, loss };
}
