/** The README.md beside the embedded weights. */
import { parameterCount } from '@circuit-tuning/core';
import type { Quality } from './quality.js';
import { configOf, type Recipe } from './recipe.js';

export interface CardFacts {
  readonly recipe: Recipe;
  readonly steps: number;
  readonly adapter: string;
  readonly hash: string;
  readonly quality: Quality;
}

export function card({ recipe, steps, adapter, hash, quality }: CardFacts): string {
  const { L, D, H, F, V, T } = configOf(recipe);
  const parameters = parameterCount(configOf(recipe));
  const structures = Object.entries(quality.agreement).map(
    ([name, { accuracy, logitDiff }]) => `| ${name} | ${percent(accuracy)} | ${logitDiff.toFixed(2)} |`,
  );
  const losses = quality.loss.map(
    ({ kind, nll, entropy }) => `| ${kind} | ${nll.toFixed(3)} | ${entropy.toFixed(3)} |`,
  );
  return `---
license: mit
tags: [circuit-tuning]
---
# The embedded model

A GPT-2 of ${L} layers, width ${D}, ${H} heads, ${F} neurons, ${V} words and a context of ${T}: ${parameters.toLocaleString('en')} parameters.
circuit-tuning trained it from random weights, with its own engine, on sentences of its own grammar. \`train.yaml\` is the
recipe, \`pnpm train:embedded\` follows it: ${steps} steps.

- weights: sha256 \`${hash}\`
- on: ${adapter} (another adapter rounds differently and ends elsewhere)

Agreement of the verb on held-out nouns and prompts (pp: across a prepositional phrase, pp2: across two, orc and src:
across a relative clause):

| across | right | logit difference |
| --- | ---: | ---: |
${structures.join('\n')}

Loss on held-out sentences in nats per word, and what a perfect model of the grammar would be left with:

| construction | loss | entropy |
| --- | ---: | ---: |
${losses.join('\n')}
`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
