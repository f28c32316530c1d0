/** What a sweep came to, in its folder: results.json, results.csv, differences.csv, table.md and sweep.html. */
import { differencesOf, rowOf, type GroupResult, type SweepPlan } from '@circuit-tuning/core';
import { writeFile } from '../files.js';
import { csvOf, differencesSheet, markdownOf, resultsSheet } from './sheet.js';
import type { SweepFolder } from './sweepFolder.js';
import { sweepHtml } from './sweepHtml.js';

export async function writeTables(
  plan: SweepPlan,
  groups: readonly GroupResult[],
  folder: Pick<SweepFolder, 'at'>,
): Promise<void> {
  const rows = groups.map((group) => rowOf(group, plan.search));
  const compared = differencesOf(groups);
  const { bound } = plan.search ?? {};
  const results = resultsSheet(plan.axes, rows, { bound });
  const differences = differencesSheet(plan.axes, compared);
  const words = wordsOf(plan, groups);
  const { name, axes, seeds, search } = plan;
  const json = { name, axes, seeds, search, groups, rows, differences: compared };
  const files: Record<string, string> = {
    'results.json': `${JSON.stringify(json, null, 2)}\n`,
    'results.csv': csvOf(results),
    'table.md': [
      ...words,
      markdownOf(resultsSheet(plan.axes, rows, { isBrief: true, bound })),
      ...(compared.length > 0 ? [markdownOf(differences)] : []),
    ].join('\n\n'),
    'sweep.html': sweepHtml({ plan, groups, rows, results, differences, words }),
    ...(compared.length > 0 && { 'differences.csv': csvOf(differences) }),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(folder.at(file), text);
}

/** What a table cannot say: how many runs, how rates were found. */
function wordsOf({ seeds, search, groups: all }: SweepPlan, groups: readonly GroupResult[]): string[] {
  const base = groups.flatMap(({ cells }) => cells).find(({ outcome }) => outcome)?.outcome?.target_base;
  const n = seeds.length;
  const isWhole = groups.length === all.length;
  return [
    [
      `${n} ${n === 1 ? 'seed' : 'seeds'} a row${n > 1 ? ', mean ± half of the 95% interval (Student, over seeds)' : ''}.`,
      ...(base === undefined ? [] : [`The target metric of the base model: ${Number(base.toPrecision(4))}.`]),
      ...(search
        ? [
            `Every row has its own learning rate, of ${search.grid.join(', ')}: each was tried for ${search.steps} steps with seed ${search.seed}, and of those that let perplexity grow by a factor of at most ${search.bound} the one with the ${search.better === 'higher' ? 'highest' : 'lowest'} target was taken (where none did, the one with the least growth). “Target at ×${search.bound}” is read off between the rates that were tried, where perplexity has grown by that factor: the same price for all, with one seed.`,
          ]
        : []),
      ...(isWhole ? [] : [`So far ${groups.length} of ${all.length} rows.`]),
    ].join(' '),
  ];
}
