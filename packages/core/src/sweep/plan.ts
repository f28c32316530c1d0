/** A sweep made ready to run: every cell as an experiment of its own, checked before the first of them begins. */
import { stringify } from 'yaml';
import { ConfigError, show } from '../errors.js';
import { idleKeys, withoutKeys, type Idle } from '../experiment/effects.js';
import { experimentSchema, type Experiment, type Naming } from '../experiment/experiment.js';
import { checkExperiment, requireShape, type Resolve } from '../experiment/readExperiment.js';
import { sweepSchema, type RateSearch, type SweepSection } from './schema.js';

type Raw = Record<string, unknown>;

export interface SweepCell {
  /** The name of its folder. */
  readonly id: string;
  readonly seed: number;
  readonly experiment: Experiment;
}

/** Cells that differ in nothing but the seed. */
export interface SweepGroup {
  readonly id: string;
  /** What it is, axis by axis: numbers where values are numbers. */
  readonly values: Readonly<Record<string, string | number>>;
  /** One for each seed, at that learning rate where one is searched. */
  cells(rate?: number): readonly SweepCell[];
  /** One for each rate that is tried. */
  readonly tries: readonly (SweepCell & { readonly rate: number })[];
}

export interface SweepPlan {
  readonly name: string;
  /** Axes in the order of the file. */
  readonly axes: readonly string[];
  readonly seeds: readonly number[];
  readonly groups: readonly SweepGroup[];
  readonly search?: RateSearch;
  /** Where it is written, if the file says. */
  readonly output_dir?: string;
  /** What was asked, to tell whether a sweep that goes on is the same. */
  readonly text: string;
}

interface Point {
  readonly axis: string;
  /** What the file calls it. */
  readonly name: string;
  readonly value: string | number;
  /** Keys that it sets, by path. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * What cells set goes over what the file says.
 * @param raw the experiment file as it was parsed, `sweep` in it.
 * @throws ConfigError for what is wrong with the section or with any cell, before anything runs.
 */
export function planSweep(raw: Raw, nameOf: Naming, resolve: Resolve): SweepPlan {
  const { sweep: given, output_dir: out, ...base } = raw;
  const section = requireShape(sweepSchema, given, nameOf, ['sweep']);
  const axes = axesOf(section, nameOf);
  const seeds = section.seeds ?? [typeof base.seed === 'number' ? base.seed : 0];
  const search = section.learning_rate;
  const idleEverywhere = new Map<string, { idle: Idle; count: number }>();
  let cells = 0;

  const cellOf = (points: readonly Point[], seed: number, also: Readonly<Record<string, unknown>>): Experiment => {
    const made = structuredClone(base);
    const set: Record<string, unknown> = Object.assign({}, ...points.map(({ settings }) => settings), { seed }, also);
    for (const [path, value] of Object.entries(set)) put(made, path, value, nameOf);
    const where: Naming = (path) => {
      const key = path.filter((part) => typeof part === 'string').join('.');
      const of = points.find(({ settings }) => key in settings);
      if (!of) return nameOf(path);
      return `${nameOf(['sweep', 'cells', of.name])} (${of.value})${key === of.name ? '' : `: ${key}`}`;
    };
    // A key of the file may mean something in one cell and nothing in another.
    const parsed = experimentSchema.safeParse(made);
    const idle = (parsed.success ? idleKeys(parsed.data) : []).filter(
      (it) => !(`${it.section}.${it.key}` in set) && (made[it.section] as Raw | undefined)?.[it.key] !== undefined,
    );
    cells++;
    for (const it of idle) {
      const key = `${it.section}.${it.key}`;
      idleEverywhere.set(key, { idle: it, count: (idleEverywhere.get(key)?.count ?? 0) + 1 });
    }
    const experiment = checkExperiment(withoutKeys(made, idle), where, resolve);
    requireOneMethod(experiment, where);
    return experiment;
  };

  const groups = product(axes).map((points): SweepGroup => {
    const id = points.map(({ axis, value }) => `${axis}=${value}`.replaceAll(/[^\w.+=-]/g, '-')).join(',') || 'base';
    const rated = (rate: number | undefined): Record<string, unknown> =>
      rate === undefined ? {} : { 'tuning.learning_rate': rate };
    const at = (rate?: number): SweepCell[] =>
      seeds.map((seed) => ({ id: `${id},seed=${seed}`, seed, experiment: cellOf(points, seed, rated(rate)) }));
    at(search?.grid[0]);
    return {
      id,
      values: Object.fromEntries(points.map(({ axis, value }) => [axis, value])),
      cells: at,
      tries: (search?.grid ?? []).map((rate) => ({
        id: `${id},rate=${rate}`,
        rate,
        seed: search!.seed,
        experiment: cellOf(points, search!.seed, { ...rated(rate), 'tuning.steps': search!.steps }),
      })),
    };
  });
  requireOwnFolders(groups, nameOf);
  for (const { idle, count } of idleEverywhere.values())
    if (count === cells)
      throw new ConfigError({
        where: nameOf([idle.section, idle.key]),
        rule: `${idle.rule}, which no cell of the sweep is`,
        got: show((base[idle.section] as Raw)[idle.key]),
        cure: 'Leave it out',
      });
  const name = typeof base.name === 'string' ? base.name : 'experiment';
  return {
    name,
    axes: axes.map(([axis]) => axis),
    seeds,
    groups,
    ...(search && { search }),
    ...(typeof out === 'string' && { output_dir: resolve(out) }),
    text: stringify(raw),
  };
}

type Axis = readonly [name: string, points: readonly Point[]];

function axesOf({ cells }: SweepSection, nameOf: Naming): Axis[] {
  const labels = Object.keys(cells).map((key) => key.split('.').at(-1)!);
  return Object.entries(cells).map(([key, given], i): Axis => {
    const isAmbiguous = labels.indexOf(labels[i]!) !== labels.lastIndexOf(labels[i]!);
    const axis = isAmbiguous ? key : labels[i]!;
    if (key === 'seed')
      throw new ConfigError({
        where: nameOf(['sweep', 'cells', key]),
        rule: 'must be a key that makes cells differ in more than the seed',
        got: show(given),
        cure: 'Give them as sweep.seeds',
      });
    const points = Array.isArray(given)
      ? given.map((value): Point => {
          // one method is what a cell has: its name will do
          const set = key === 'tuning.methods' && typeof value === 'string' ? [value] : value;
          return { axis, name: key, value: labelOf(value), settings: { [key]: set } };
        })
      : Object.entries(given).map(([value, settings]): Point => ({ axis, name: key, value, settings }));
    const twice = points.find(({ value }, at) => points.findIndex((it) => it.value === value) !== at);
    if (points.length > 0 && twice === undefined) return [axis, points];
    throw new ConfigError({
      where: nameOf(['sweep', 'cells', key]),
      rule: 'must give each value once, at least one',
      got: twice === undefined ? 'none' : `${twice.value} twice`,
      cure: 'Correct the list',
    });
  });
}

const labelOf = (value: unknown): string | number =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value).replaceAll(/["{}[\]]/g, '');

/** Every combination, the last axis moving fastest. */
const product = (axes: readonly Axis[]): Point[][] =>
  axes.reduce<Point[][]>((all, [, points]) => all.flatMap((row) => points.map((it) => [...row, it])), [[]]);

/** Names are cut to what any file system takes: two cells must not meet in one folder. */
function requireOwnFolders(groups: readonly SweepGroup[], nameOf: Naming): void {
  const twin = groups.find(({ id }, i) => groups.findIndex((it) => it.id === id) !== i);
  if (!twin) return;
  throw new ConfigError({
    where: nameOf(['sweep', 'cells']),
    rule: 'must differ in letters and digits, for each cell is a folder',
    got: `two called ${twin.id}`,
    cure: 'Give one of them another name',
  });
}

function requireOneMethod({ tuning }: Experiment, nameOf: Naming): void {
  if (tuning?.methods.length === 1) return;
  throw new ConfigError({
    where: nameOf(['tuning', 'methods']),
    rule: 'must be one method in each cell of a sweep',
    got: tuning ? tuning.methods.join(', ') : 'no tuning',
    cure: 'List the methods below sweep.cells, as in tuning.methods: [circuit, full]',
  });
}

function put(raw: Raw, path: string, value: unknown, nameOf: Naming): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let place = raw;
  for (const key of keys) {
    const next = (place[key] ??= {});
    if (typeof next !== 'object' || next === null || Array.isArray(next))
      throw new ConfigError({
        where: nameOf(['sweep', 'cells', path]),
        rule: 'must lead to a key of a section',
        got: show(next),
        cure: 'Check the path',
      });
    place = next as Raw;
  }
  place[last] = structuredClone(value);
}
