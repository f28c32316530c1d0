/** What a test of stability found, as tables. */
import type { StabilityRecord, Variation } from '@circuit-tuning/core';
import { percent } from './tables.js';
import type { Cell, Table } from '../table.js';

const share = (value: number): Cell => ({ text: percent(value), value });

export function survivalTable({ kept, jaccard, circuit, core }: StabilityRecord): Table {
  return {
    caption: 'What another draw of the data would leave of the circuit',
    columns: [
      { head: 'measure' },
      { head: 'mean', isNumber: true },
      { head: '95% of draws from', isNumber: true },
      { head: 'to', isNumber: true },
    ],
    rows: [
      ['edges that another draw’s circuit has too', share(kept.mean), share(kept.low), share(kept.high)],
      ['overlap (Jaccard) of two draws’ circuits', share(jaccard.mean), share(jaccard.low), share(jaccard.high)],
      ['stable core, of the circuit’s edges', share(core.edges / circuit.edges), null, null],
    ],
  };
}

const sources: Readonly<Record<string, string>> = {
  template: 'examples of the template',
  fold: 'examples of part',
  seed: 'stable core with seed',
};

export const variationName = ({ source, name }: Pick<Variation, 'source' | 'name'>): string =>
  `${sources[source] ?? source} ${name}`;

export function variationTable({ variations }: StabilityRecord): Table {
  return {
    caption: 'Circuits that other choices give, beside that of all examples',
    columns: [
      { head: 'what differs' },
      { head: 'examples', isNumber: true },
      { head: 'edges', isNumber: true },
      {
        head: 'kept',
        isNumber: true,
        title: 'Share of the circuit’s edges that this one has too; of a seed, of the core’s',
      },
      { head: 'core kept', isNumber: true, title: 'Share of the stable core’s edges that this one has' },
      { head: 'overlap', isNumber: true, title: 'Jaccard: edges in both, of those in either' },
    ],
    rows: variations.map((it) => [
      variationName(it),
      it.examples,
      it.edges,
      share(it.kept),
      share(it.core_kept),
      { text: it.jaccard.toFixed(2), value: it.jaccard },
    ]),
  };
}

/** The strongest edges first; all of them unless told. */
export function stableEdgeTable({ edges, confidence }: StabilityRecord, top = edges.length): Table {
  return {
    caption: `Edges with their ${percent(confidence)} intervals`,
    columns: [
      { head: 'edge' },
      { head: 'score', isNumber: true },
      { head: 'from', isNumber: true },
      { head: 'to', isNumber: true },
      { head: 'drawn circuits that have it', isNumber: true },
      { head: 'in the circuit' },
      { head: 'in the core' },
    ],
    rows: edges
      .slice(0, top)
      .map(({ edge, score, low, high, inclusion, in_circuit: isIn, in_core: isStable }) => [
        edge,
        score,
        low ?? { text: 'no bound', value: -Infinity },
        high ?? { text: 'no bound', value: Infinity },
        share(inclusion),
        isIn ? 'yes' : 'no',
        isStable ? 'yes' : 'no',
      ]),
  };
}
