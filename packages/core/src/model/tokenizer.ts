/**
 * Text to token ids and back, over @huggingface/tokenizers. What is added here: ids checked, whitespace never "cleaned
 * up" (a decoded text must encode to the same ids), and one rule for BOS.
 */
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import { show, TaskError } from '../errors.js';
import type { Json } from './config.js';

export interface Tokenizer {
  /**
   * Token ids of a text; `addBos` overrides `addsBos`. EOS is never appended.
   * Beware of word-start marks: SentencePiece style tokenizers (Llama 2) put one before any text, so the ids of an
   * answer are those by which the encoded prefix grows when the answer is appended to its text.
   * @throws TaskError where BOS is asked for and there is none.
   */
  encode(text: string, options?: { addBos?: boolean }): number[];
  /** @throws TaskError for an id that is not in the vocabulary. */
  decode(ids: readonly number[]): string;
  readonly bosId?: number;
  readonly eosId?: number;
  /** Whether `encode` puts BOS first unless told: what transformers does with the same files. Never for GPT-2. */
  readonly addsBos: boolean;
  /** One more than the largest id; the model's V may be larger. */
  readonly V: number;
}

/**
 * From a parsed tokenizer.json, with tokenizer_config.json where there is one.
 * @throws TaskError where the library cannot use the file.
 */
export function createTokenizer(tokenizer: Json, config: Json = {}, where = 'tokenizer.json'): Tokenizer {
  let inner: HfTokenizer;
  try {
    inner = new HfTokenizer(withDefaults(tokenizer), config);
  } catch (error) {
    throw new TaskError(
      {
        where,
        rule: 'must be a tokenizer that @huggingface/tokenizers can use',
        got: error instanceof Error ? error.message : show(error),
        cure: 'Take the tokenizer.json of the model, or remove it and give tasks as token ids',
      },
      { cause: error },
    );
  }
  const tokens = [...inner.get_vocab().values()];
  const V = tokens.reduce((largest, id) => Math.max(largest, id), -1) + 1;
  const idOf = (key: string): number | undefined => {
    const token = config[key];
    const text = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
    return typeof text === 'string' ? inner.token_to_id(text) : undefined;
  };
  const bosId = idOf('bos_token');
  // add_bos_token where it is given, else whether the post-processor does it, as transformers decides.
  const addsBos =
    typeof config.add_bos_token === 'boolean'
      ? config.add_bos_token && bosId !== undefined
      : bosId !== undefined && inner.encode('', { add_special_tokens: true }).ids[0] === bosId;

  return {
    bosId,
    eosId: idOf('eos_token'),
    addsBos,
    V,
    encode(text, { addBos = addsBos } = {}) {
      const { ids } = inner.encode(text, { add_special_tokens: false });
      if (!addBos) return ids;
      if (bosId === undefined)
        throw new TaskError({
          where,
          rule: 'must have a BOS token where one is to be put first',
          got: 'no bos_token in tokenizer_config.json',
          cure: 'Leave addBos out',
        });
      return [bosId, ...ids];
    },
    decode(ids) {
      for (const id of ids)
        // A model may have more rows than the tokenizer has tokens.
        if (inner.id_to_token(id) === undefined)
          throw new TaskError({
            where,
            rule: `token ids must be below ${V}`,
            got: show(id),
            cure: 'Take ids it knows',
          });
      // The library refuses an empty list.
      return ids.length === 0 ? '' : inner.decode([...ids], { clean_up_tokenization_spaces: false });
    },
  };
}

/**
 * The tokenizer.json of a byte-level BPE that is stored the older way, as GPT-2's is: vocab.json (encoder.json) and
 * merges.txt (vocab.bpe).
 */
export const byteLevelBpe = (vocab: Readonly<Record<string, number>>, merges: string): Json => ({
  added_tokens: Object.entries(vocab)
    .filter(([content]) => content === '<|endoftext|>')
    .map(([content, id]) => ({ id, content, special: true })),
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: 'ByteLevel' },
  // A merge may begin with '#', the version line only comes first.
  model: {
    type: 'BPE',
    vocab,
    merges: merges.split(/\r?\n/).filter((line, i) => line && !(i === 0 && line.startsWith('#version'))),
  },
});

/** The library wants every section to be there. */
const withDefaults = (tokenizer: Json): Json => ({
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  added_tokens: [],
  ...tokenizer,
});
