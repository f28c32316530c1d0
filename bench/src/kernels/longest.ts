/** The table for docs: of each op and pass the longest call that each model makes, by the kernel that a plan takes. */
import { digits, markdown } from '../markdown.js';
import type { KernelsReport, Row } from './report.js';

/** Calls that no model makes longer than this are left out, in milliseconds. */
const LEAST = 1;

/** By CPU time where it is known, which a busy machine does not change; else each by its fastest sample. */
const timeOf = ({ cpuMs, best }: Row): number => cpuMs ?? best;
const shareOf = ({ ofCore, ofCeiling, ms, best }: Row): number => ofCore ?? (ofCeiling * ms) / best;

const titleOf = ({ op, pass }: Row): string => (pass === 'backward' ? `${op} backward` : op);

export function printLongest({ adapter, ceiling, rows }: KernelsReport, models: readonly string[]): string {
  const longest = (name: string, model: string): Row | undefined =>
    rows
      .filter((row) => row.isChosen && row.models.includes(model) && titleOf(row) === name)
      .toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  const cells = (row: Row | undefined): string[] => {
    if (!row) return ['–', '–', '–'];
    const { op, pass, kernel, case: sizes } = row;
    const readable = rows.find((it) => it.kernel === op && it.pass === pass && it.case === sizes);
    return [
      digits(timeOf(row)),
      `${Math.round(100 * shareOf(row))}%`,
      kernel === op || !readable ? '–' : digits(timeOf(readable) / timeOf(row), 2),
    ];
  };
  const lines = [...new Set(rows.map(titleOf))]
    .map((name) => ({ name, of: models.map((model) => longest(name, model)) }))
    .filter(({ of }) => of.some((row) => row && timeOf(row) >= LEAST))
    .map(({ name, of }) => [name, ...of.flatMap(cells)]);
  const { gflopPerSecond, gbPerSecond } = ceiling.ofCore ?? ceiling;
  const clock = ceiling.ofCore ? ['CPU time', ' a core'] : ['time', ''];
  return [
    `${adapter}, ${clock[0]}; ceiling${clock[1]}: ${digits(gflopPerSecond)} GFLOP/s, ${digits(gbPerSecond)} GB/s`,
    '',
    markdown(['longest call of', ...models.flatMap((model) => [`${model}, ms`, 'of ceiling', '× naive'])], lines),
  ].join('\n');
}
