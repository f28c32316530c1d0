/** The grammar's tokenizer, as the files that transformers, `tokenizers` and @huggingface/tokenizers read. */
import type { Json } from '../model/config.js';
import * as lexicon from './lexicon.js';

/** What a word outside the grammar becomes. */
const UNKNOWN = '<unk>';

/** Token strings by id: the unknown word, then every word of the grammar once, in a fixed order. */
export function vocabulary(): string[] {
  const { nouns, verbs, adjectives, children, past, determiners } = lexicon;
  const inflected = [...nouns, ...Object.values(verbs).flat()];
  const frames = ['.', ':', 'the', 'that', 'and', 'when', 'say', 'counted', 'she', 'he', 'painted'];
  return [
    ...new Set([
      UNKNOWN,
      ...frames,
      ...Object.values(lexicon.possessives),
      ...inflected.flatMap(({ singular, plural }) => [singular, plural]),
      ...Object.values(adjectives).flat(),
      ...lexicon.colours,
      ...lexicon.prepositions,
      ...lexicon.adverbs,
      ...Object.values(children).flat(),
      ...Object.values(determiners).flat(),
      ...Object.values(past).flat(),
      ...lexicon.syllables,
      ...lexicon.numerals,
      ...lexicon.days,
    ]),
  ];
}

/** tokenizer.json: a word is what stands between spaces, punctuation included. */
export const tokenizerJson = (): Json => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    { id: 0, content: UNKNOWN, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  // Without a decoder tokens are joined by spaces, which is how they were written.
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(vocabulary().map((word, id) => [word, id])),
    unk_token: UNKNOWN,
  },
});

/** tokenizer_config.json. No bos: as for GPT-2, a text begins with its first word. */
export const tokenizerConfig = ({ T }: { T: number }): Json => ({
  tokenizer_class: 'PreTrainedTokenizerFast',
  unk_token: UNKNOWN,
  // A sentence ends with it, and so does what is generated.
  eos_token: '.',
  clean_up_tokenization_spaces: false,
  model_max_length: T,
});
