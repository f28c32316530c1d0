/** Scores of other things than edges, and further tests of a circuit, as tables. */
import type { NodesRecord, PositionsRecord } from '@circuit-tuning/core';
import type { FaithfulnessStory } from '../../record/story.js';
import { formatNumber, type Cell, type Table } from '../table.js';
import { percent } from './tables.js';

/** The strongest first; all of them unless told. */
export const nodeTable = ({ nodes }: NodesRecord, top = nodes.length): Table => ({
  caption: 'Strongest nodes',
  columns: [{ head: 'node' }, { head: 'score', isNumber: true }],
  rows: nodes.slice(0, top).map(({ node, score }) => [node, score]),
});

/** Edges of the circuit, the strongest first, with a column for each position. */
export const positionTable = ({ by, labels, edges }: PositionsRecord, top = edges.length): Table => ({
  caption: `Parts that positions have in the strongest edges, by ${by}`,
  columns: [{ head: 'edge' }, { head: 'score', isNumber: true }, ...labels.map((head) => ({ head, isNumber: true }))],
  rows: edges.slice(0, top).map(({ edge, score, parts }) => [edge, score, ...parts]),
});

/** Completeness, minimality and agreement with exact effects, where the run was asked for them; else undefined. */
export function testTable(story: readonly FaithfulnessStory[]): Table | undefined {
  const share = (value: number): Cell => ({ text: percent(value), value });
  const rows = story.flatMap(({ completeness, minimality, exact }): Cell[][] => [
    ...(completeness === undefined ? [] : [['completeness: faithfulness of the edges outside', share(completeness)]]),
    ...(minimality === undefined
      ? []
      : [
          [
            `minimality: of ${minimality.tested} edges taken out one by one, change less than ${percent(minimality.tolerance)}`,
            share(minimality.needless),
          ],
        ]),
    ...(exact === undefined
      ? []
      : [
          [`Spearman of scores and exact effects, ${exact.tested} of ${exact.of_edges} edges`, exact.spearman],
          ['the same of their sizes', exact.spearman_absolute],
          ['Pearson of scores and exact effects', exact.pearson],
          [
            `false negatives: edges outside whose effect is larger than the weakest one inside${exact.weakest ? ` (${exact.weakest.edge}, ${formatNumber(exact.weakest.effect)})` : ''}`,
            exact.false_negatives,
          ],
        ]),
  ]);
  if (rows.length === 0) return undefined;
  return {
    caption: 'Further tests of the circuit',
    columns: [{ head: 'test' }, { head: 'value', isNumber: true }],
    rows,
  };
}
