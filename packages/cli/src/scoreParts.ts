/** What `discover` writes and prints of scores besides edges, beside the files that a run has of them too. */
import { textFile, type OutputFile, type ScoreParts } from '@circuit-tuning/core';
import { nodeTable, positionTable } from '@circuit-tuning/web/draw/static';
import { printedTable } from './analysis/print.js';
import { csv } from './analysis/tableFiles.js';

export const partFiles = ({ nodes, positions, files }: ScoreParts): OutputFile[] => [
  ...Object.values(files).flat(),
  ...(nodes ? [textFile('nodes.csv', csv(nodeTable(nodes)))] : []),
  ...(positions ? [textFile('positions.csv', csv(positionTable(positions)))] : []),
];

/** Of positions only so many that a screen has room for them. */
export const printedParts = ({ nodes, positions }: ScoreParts, top: number): string =>
  [
    ...(nodes ? [`\n${printedTable(nodeTable(nodes, top))}`] : []),
    ...(positions && positions.labels.length <= 8 ? [`\n${printedTable(positionTable(positions, top))}`] : []),
  ].join('');
