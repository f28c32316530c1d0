/** The demo's task files, as the grammar writes them. They are checked in, so that people can read and change them. */
import {
  agreementPairs,
  constructions,
  disagreementText,
  plainText,
  textFile,
  type OutputFile,
} from '@circuit-tuning/core';
import type { Recipe } from './recipe.js';

/** In the folder `tasks`: pairs on both sides of the split, the opposite agreement, and `keep` of each construction. */
export function taskFiles({ tasks }: Recipe): OutputFile[] {
  return [
    jsonl('agreement.jsonl', agreementPairs({ ...tasks.pairs, heldOut: false })),
    jsonl('agreement-held-out.jsonl', agreementPairs({ ...tasks.held_out_pairs, heldOut: true })),
    jsonl('opposite.jsonl', disagreementText({ ...tasks.opposite, heldOut: false })),
    ...constructions.map((name) => jsonl(`keep-${name}.jsonl`, plainText(name, { ...tasks.text, heldOut: true }))),
  ];
}

const jsonl = (name: string, rows: readonly object[]): OutputFile =>
  textFile(name, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
