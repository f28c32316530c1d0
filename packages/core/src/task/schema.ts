import * as z from 'zod';

/**
 * The rows a task file may hold. Our own forms are strict, so that a misspelt key is an error and not a silently
 * ignored wish; the forms of others are read as they are published, further keys and all.
 */
const tokenId = z
  .int({ error: 'must be a token id (a whole number from 0)' })
  .nonnegative({ error: 'must be a token id (a whole number from 0)' });
const text = z.string({ error: 'must be a string' });
const word = text.min(1, { error: 'must not be empty' });
const tokenIds = z.array(tokenId, { error: 'must be a list of token ids' });
const positions = z.array(
  z.int({ error: 'must be a whole number from 0' }).nonnegative({ error: 'must be a whole number from 0' }),
  {
    error: 'must be a list of token positions',
  },
);
const words = z.array(word, { error: 'must be a list of strings' });
const rowId = z.union([z.string(), z.number()], { error: 'must be a string or a number' }).optional();

const answer = z.union([word, tokenId, z.array(z.union([word, tokenId])).min(1)], {
  error: 'must be a string, a token id, or a list of them',
});
const answerIds = z.union([tokenId, z.array(tokenId).min(1)], { error: 'must be a token id or a list of token ids' });
const pos = z.int({ error: 'must be a whole number from 0' }).nonnegative({ error: 'must be a whole number from 0' });

const label = z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' }).optional();

const pairKeys = {
  clean: text,
  corrupt: text.optional(),
  answers: words.min(1, { error: 'must hold at least one answer' }),
  wrong_answers: words.optional(),
};

export const schemas = {
  /** A prompt, its corrupted twin, and what should and should not come next. */
  pair: z.strictObject({ id: rowId, template: label, group: label, ...pairKeys }),
  /** Text, with or without places to look at; `pos` and `subject` count its tokens, a prepended bos not included. */
  text: z.strictObject({
    id: rowId,
    template: label,
    group: label,
    text,
    corrupt_text: text.optional(),
    subject: positions.optional(),
    targets: z
      .array(z.strictObject({ pos, good: answer, bad: answer.optional() }), { error: 'must be a list of targets' })
      .optional(),
  }),
  /** Ready token ids, taken as they are. */
  tokens: z.strictObject({
    id: rowId,
    template: label,
    group: label,
    tokens: tokenIds,
    corrupt_tokens: tokenIds.optional(),
    subject: positions.optional(),
    targets: z
      .array(z.strictObject({ pos, good: answerIds, bad: answerIds.optional() }), {
        error: 'must be a list of targets',
      })
      .optional(),
  }),
  /** The sentence pairs of circuit-tuning (arXiv 2502.06106): GPT-2 token positions, counted without bos. */
  sv: z.looseObject({
    clean_text: text,
    corr_text: text,
    clean_verb_pos: positions,
    corr_verb_pos: positions,
    clean_verb_ids: tokenIds,
    corr_verb_ids: tokenIds,
    clean_verbs: words.optional(),
    corr_verbs: words.optional(),
    subj_pos: positions.optional(),
  }),
  /** Sparse feature circuits (arXiv 2403.19647). */
  prefix: z.looseObject({ clean_prefix: text, patch_prefix: text, clean_answer: word, patch_answer: word }),
  /** BLiMP (arXiv 1912.00582). */
  blimp: z.looseObject({ sentence_good: word, sentence_bad: word }),
  /** One item of AutoCircuit's `{ "prompts": [...] }` file. */
  autocircuit: z.looseObject(pairKeys),
} as const;

export type Form = keyof typeof schemas;
export type Row<Name extends Form> = z.infer<(typeof schemas)[Name]>;

/** The key by which a JSONL row tells its form, most telling first. */
export const tellingKeys = [
  ['clean_text', 'sv'],
  ['clean_prefix', 'prefix'],
  ['sentence_good', 'blimp'],
  ['tokens', 'tokens'],
  ['text', 'text'],
  ['clean', 'pair'],
] as const satisfies readonly (readonly [string, Form])[];
