/** What analysis.json says of searches, as curves beside those of the run. */
import type { SearchAnalysis } from '@circuit-tuning/core';
import type { Curve } from './curves.js';
import type { DynamicsStory } from './story.js';

export function dynamicsCurves(story: DynamicsStory): Curve[] {
  const curve = (
    id: string,
    title: string,
    value: (search: SearchAnalysis) => number | undefined,
    more: Partial<Curve> & { readonly from?: number } = {},
  ): Curve => {
    const { from = 0, ...rest } = more;
    const lines = story.map(({ method, searches }) => ({
      name: method,
      hasDots: true,
      points: searches.slice(from).flatMap((search) => {
        const y = value(search);
        return y === undefined ? [] : [[search.step, y] as const];
      }),
    }));
    return { id, group: 'circuit', title, isYLog: false, lines, ...rest };
  };
  const share = { yRange: [0, 1.04] as const };
  return [
    // at the first search all have entered, which says nothing
    curve(
      'entered',
      'Share of the circuit’s edges that are new',
      ({ edges: { entered, size } }) => (size > 0 ? entered / size : undefined),
      {
        from: 1,
        ...share,
      },
    ),
    curve('nodes:first', 'Overlap of nodes with the first circuit', ({ nodes }) => nodes.first, share),
    curve('entropy', 'Entropy of the scores, nats', ({ scores }) => scores?.entropy),
    curve('gini', 'Gini coefficient of the scores', ({ scores }) => scores?.gini),
    curve('top1', 'Score held by the top 1 % of edges', ({ scores }) => scores?.top1, share),
  ].filter(({ lines }) => lines.some(({ points }) => points.length > 0));
}
