/** Which files a model is made of, in Hugging Face layout: what is read, and what an exported model takes along. */

/** Names the file of each tensor, where weights lie in several. */
export const INDEX = 'model.safetensors.index.json';

/** Copied where the base has them. */
export const companions = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'LICENSE',
];

/** Those of a folder that are kept beside its weights; the same model in another library's format is not. */
export const besideWeights = (names: Iterable<string>): string[] => {
  const present = new Set(names);
  return ['config.json', ...companions].filter((name) => present.has(name));
};
