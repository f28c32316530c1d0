/** How circuits change from search to search as curves, and what a method keeps meanwhile. */
import type { Series } from '../draw/series.js';
import { byMethod, type Curve } from './curve.js';
import type { MethodStory, SearchStory } from './story.js';

const SHARE = [0, 1.04] as const;

export function searchCurves(methods: readonly MethodStory[]): Omit<Curve, 'isYLog'>[] {
  const curve = (
    id: string,
    title: string,
    value: (search: SearchStory, i: number) => number | undefined,
    yRange?: readonly [number, number],
  ): Omit<Curve, 'isYLog'> => ({
    id,
    group: 'search',
    title,
    lines: byMethod(methods, ({ searches }) => searches.map((search, i) => [search.step, value(search, i)])),
    ...(yRange && { yRange }),
  });
  return [
    curve('first', 'Overlap with the first circuit', ({ first }) => first, SHARE),
    curve('previous', 'Overlap with the circuit before', ({ previous }) => previous, SHARE),
    curve('nodes:first', 'Overlap of nodes with the first circuit', ({ nodesFirst }) => nodesFirst, SHARE),
    // at the first search all have entered, which says nothing
    curve(
      'entered',
      'Share of the circuit’s edges that are new',
      ({ entered, edges }, i) => (i > 0 && entered !== undefined && edges ? entered / edges : undefined),
      SHARE,
    ),
    curve('entropy', 'Entropy of the scores, nats', ({ entropy }) => entropy),
    curve('top1', 'Score held by the top 1 % of edges', ({ top1 }) => top1, SHARE),
  ];
}

/**
 * What a method keeps and how much of its circuit stays, on one axis: perplexity of the base / now (geometric mean over the
 * kept sets, and from the worst set to the best), accuracy on the target, and the overlap with the first circuit. Of a
 * method that keeps no circuit or has nothing to keep there is none.
 */
export function keptCurve(
  { method, measured, searches }: MethodStory,
  sets: readonly string[],
): Omit<Curve, 'isYLog'>[] {
  const base = measured.find(({ step }) => step === 0);
  if (searches.length < 2 || sets.length === 0 || !base) return [];
  const kept = measured.flatMap(({ step, keep }) => {
    const shares = sets.flatMap((name) => {
      const [was, is] = [base.keep[name]?.perplexity, keep[name]?.perplexity];
      return was === undefined || is === undefined ? [] : [was / is];
    });
    if (shares.length < sets.length) return [];
    const mean = Math.exp(shares.reduce((sum, share) => sum + Math.log(share), 0) / shares.length);
    return [{ step, mean, low: Math.min(...shares), high: Math.max(...shares) }];
  });
  const highest = Math.max(1, ...kept.map(({ high }) => high));
  const series = (name: string, look: string, points: readonly (readonly [number, number | undefined])[]): Series => ({
    name,
    look,
    hasDots: true,
    points: points.filter((point): point is readonly [number, number] => point[1] !== undefined),
  });
  const lines = [
    {
      ...series(
        'kept',
        'kept',
        kept.map(({ step, mean }) => [step, mean]),
      ),
      ...(sets.length > 1 && { band: kept.map(({ step, low, high }) => [step, low, high] as const) }),
    },
    series(
      'target accuracy',
      'accuracy',
      measured.map(({ step, accuracy }) => [step, accuracy]),
    ),
    series(
      'overlap with the first circuit',
      'overlap',
      searches.map(({ step, first }) => [step, first]),
    ),
  ];
  return [
    {
      id: `kept:${method}`,
      group: 'search',
      title: `What ${method} keeps: perplexity before / now, accuracy, and its first circuit`,
      lines: lines.filter(({ points }) => points.length > 0),
      yRange: [0, 1.04 * highest],
      hasOwnNames: true,
    },
  ];
}
