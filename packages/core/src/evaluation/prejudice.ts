/**
 * Prejudice risk: how far a model is from saying two words with equal probability where nothing decides between them. With p
 * and q the probabilities of good and bad at the answer, taken as if there were no others (p + q = 1):
 *
 *   risk = |p − q| = |tanh(d / 2)|,   bias = p − q,   d the logit difference
 *
 * averaged over the examples of a group (WinoBias: of an occupation), then over groups. 0 is even-handed, 1 certain.
 * Source: the evaluation of gender de-biasing in circuit-tuning (Li et al. 2025, https://arxiv.org/abs/2502.06106).
 */
import { show, TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { estimateOf, type Estimate } from '../task/estimate.js';
import type { Example } from '../task/example.js';
import { measure, type MeasureOptions } from './measure.js';

export interface GroupPrejudice {
  readonly group: string;
  readonly examples: number;
  readonly risk: number;
  readonly bias: number;
}

export interface Prejudice {
  /** Means over groups; their intervals are those of other groups of the same kind. */
  readonly risk: Estimate;
  readonly bias: Estimate;
  /** The most prejudiced first. */
  readonly groups: readonly GroupPrejudice[];
}

/** @throws TaskError for rows without a group, or without one good and one bad token at one place. */
export async function prejudice(
  model: DeviceModel,
  examples: readonly Example[],
  options: Omit<MeasureOptions, 'metric'>,
): Promise<Prejudice> {
  requireGroups(examples);
  const { perExample } = await measure(model, examples, { ...options, metric: 'logit_diff' });
  return prejudiceOf(examples, perExample);
}

/** @param differences logit differences of the examples. */
export function prejudiceOf(examples: readonly Example[], differences: readonly number[]): Prejudice {
  const byGroup = new Map<string, number[]>();
  for (const [i, { group = '' }] of examples.entries()) {
    const leaning = Math.tanh(differences[i]! / 2);
    const so = byGroup.get(group);
    if (so) so.push(leaning);
    else byGroup.set(group, [leaning]);
  }
  const groups = [...byGroup].map(([group, leanings]): GroupPrejudice => {
    const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    return { group, examples: leanings.length, risk: mean(leanings.map(Math.abs)), bias: mean(leanings) };
  });
  return {
    risk: estimateOf(groups.map(({ risk }) => risk))!,
    bias: estimateOf(groups.map(({ bias }) => bias))!,
    groups: groups.toSorted((a, b) => b.risk - a.risk),
  };
}

/** @param name how errors call the file. */
export function requireGroups(examples: readonly Example[], name = 'task'): void {
  for (const example of examples) {
    const where = `${name} line ${example.line}`;
    if (example.group === undefined)
      throw new TaskError({
        where,
        rule: 'prejudice risk is a mean over groups, so each row must name its own',
        got: `none for ${show(example.id)}`,
        cure: 'Add "group" to the rows, such as the occupation',
      });
    const [target, ...others] = example.kind === 'tokens' ? example.targets : [];
    if (target?.good.length !== 1 || target.bad.length !== 1 || others.length > 0)
      throw new TaskError({
        where,
        rule: 'prejudice risk needs one good and one bad token at one place',
        got:
          example.kind === 'tokens'
            ? `${example.targets.length} of them in ${show(example.id)}`
            : 'answers of several tokens',
        cure: 'Write {"clean": "The doctor said that", "answers": [" he"], "wrong_answers": [" she"], "group": "doctor"}',
      });
  }
}
