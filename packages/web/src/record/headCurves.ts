/** What parts of a model write towards the answer over the steps that were looked at, as curves with their intervals. */
import type { Analysis, Estimate, HeadsAtStep } from '@circuit-tuning/core';
import type { Series } from '../draw/series.js';

export interface HeadChart {
  readonly title: string;
  readonly lines: readonly Series[];
}

/** More lines than these cannot be told apart. */
const SHOWN = 6;

/** Of each method the parts that changed most; nothing where heads were read at one step only, or at none. */
export const headCharts = ({ methods }: Pick<Analysis, 'methods'>): HeadChart[] =>
  methods.flatMap(({ method, heads = [], parts = [] }) => {
    const names = parts.slice(0, SHOWN).map(({ part }) => part);
    // a part without it (an MLP has no attention) leaves its look to nobody else
    const chart = (title: string, of: 'direct' | 'attention' | 'ov'): HeadChart => ({
      title: `${title}: ${method}`,
      lines: names.flatMap((name, i) => {
        const points = pointsOf(heads, name, of);
        if (points.length === 0) return [];
        return [
          {
            name,
            look: `part ${i + 1}`,
            hasDots: true,
            points: points.map(({ step, mean }) => [step, mean] as const),
            band: points.map(({ step, mean, margin = 0 }) => [step, mean - margin, mean + margin] as const),
          },
        ];
      }),
    });
    return [
      chart('Logits that parts add to good − bad', 'direct'),
      chart('Attention to the subject', 'attention'),
      chart('Cosine of OV with the answer', 'ov'),
    ].filter(({ lines }) => lines.length > 0);
  });

const pointsOf = (
  heads: readonly HeadsAtStep[],
  name: string,
  of: 'direct' | 'attention' | 'ov',
): ({ step: number } & Estimate)[] =>
  heads.flatMap(({ step, parts }) => {
    const value = parts.find(({ part }) => part === name)?.[of];
    return value ? [{ step, ...value }] : [];
  });
