/** Cells of one group as one row: means over seeds with intervals, and differences to the first value of the first axis. */
import { atBound } from './atBound.js';
import type { Tried } from './chooseRate.js';
import { estimate, type SeedMean } from './interval.js';
import type { CellOutcome } from './outcome.js';
import type { RateSearch } from './schema.js';

export interface CellResult {
  readonly seed: number;
  /** Undefined where the loss did not stay finite. */
  readonly outcome?: CellOutcome;
}

export interface GroupResult {
  readonly values: Readonly<Record<string, string | number>>;
  /** The rate that was found, where one was searched. */
  readonly learning_rate?: number;
  /** What each rate of the search came to. */
  readonly tried?: readonly Tried[];
  readonly cells: readonly CellResult[];
}

/** Numbers of an outcome by the names of columns; `perplexity.<text>` for each text. */
export function numbersOf({ perplexity, ...rest }: CellOutcome): Record<string, number> {
  const texts = Object.entries(perplexity).map(([name, value]) => [`perplexity.${name}`, value]);
  return { ...(rest as Record<string, number>), ...(Object.fromEntries(texts) as Record<string, number>) };
}

export interface SweepRow {
  readonly values: GroupResult['values'];
  readonly learning_rate?: number;
  /** The target where perplexity has grown by the bound of that search: see `atBound`. */
  readonly at_bound?: number;
  readonly seeds: number;
  /** Runs whose loss did not stay finite; they are in no mean. */
  readonly diverged: number;
  readonly numbers: Readonly<Record<string, SeedMean>>;
}

export const rowOf = ({ values, learning_rate: rate, tried, cells }: GroupResult, search?: RateSearch): SweepRow => {
  const reached = search && tried && atBound(tried, search);
  const outcomes = cells.flatMap(({ outcome }) => (outcome ? [numbersOf(outcome)] : []));
  const names = [...new Set(outcomes.flatMap((it) => Object.keys(it)))];
  const numbers = names.flatMap((name) => {
    const made = estimate(outcomes.flatMap((it) => it[name] ?? []));
    return made ? [[name, made] as const] : [];
  });
  return {
    values,
    ...(rate !== undefined && { learning_rate: rate }),
    ...(reached !== undefined && { at_bound: reached }),
    seeds: outcomes.length,
    diverged: cells.length - outcomes.length,
    numbers: Object.fromEntries(numbers),
  };
};

export interface SweepDifference {
  readonly values: GroupResult['values'];
  /** The value of the first axis that it is compared with; all other values are the same. */
  readonly with: string | number;
  /** This minus that, seed by seed. */
  readonly numbers: Readonly<Record<string, SeedMean>>;
}

/** Every group against the one with the first value of the first axis and the same values of the others. */
export function differencesOf(groups: readonly GroupResult[]): SweepDifference[] {
  const [axis] = Object.keys(groups[0]?.values ?? {});
  if (axis === undefined) return [];
  const first = groups[0]!.values[axis]!;
  return groups.flatMap((group) => {
    if (group.values[axis] === first) return [];
    const other = groups.find(({ values }) =>
      Object.entries(values).every(([name, value]) => value === (name === axis ? first : group.values[name])),
    );
    const pairs = group.cells.flatMap(({ seed, outcome }) => {
      const twin = other?.cells.find((it) => it.seed === seed)?.outcome;
      return outcome && twin ? [[numbersOf(outcome), numbersOf(twin)] as const] : [];
    });
    const names = Object.keys(pairs[0]?.[0] ?? {}).filter((name) => pairs.every(([, twin]) => name in twin));
    const numbers = names.flatMap((name) => {
      const made = estimate(pairs.flatMap(([mine, twin]) => (name in mine ? [mine[name]! - twin[name]!] : [])));
      return made ? [[name, made] as const] : [];
    });
    return [{ values: group.values, with: first, numbers: Object.fromEntries(numbers) }];
  });
}
