/** Experiments from a text or from flags, checked: a key that is unknown, or that could have no effect, is an error. */
import { closestMatch } from 'leven';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { ConfigError, show, type CircuitTuningError } from '../errors.js';
import { requireEffects } from './effects.js';
import { experimentJsonSchema, experimentSchema, type Experiment, type Naming } from './experiment.js';

/** Makes a path, or an address, of one that is relative to the experiment. */
export type Resolve = (path: string) => string;

export interface ReadOptions {
  /** How errors call the file. */
  readonly name: string;
  readonly resolve: Resolve;
  /** `key.key=value`, put over the file. */
  readonly settings?: readonly string[];
  /** The same for paths in settings: one that is typed is relative to where it is typed. Default: `resolve`. */
  readonly resolveSetting?: Resolve;
}

/**
 * The experiment of a YAML text; its paths are resolved.
 * @throws ConfigError naming the file, the key and the cure.
 */
export function readExperiment(text: string, options: ReadOptions): Experiment {
  const { name, resolve } = options;
  const raw = rawExperiment(text, options);
  return checkExperiment(raw, (path) => (path.length === 0 ? name : `${name}: ${pathText(path)}`), resolve);
}

/** As the text says it, settings put over it; nothing is checked but that it is YAML. */
export function rawExperiment(
  text: string,
  { also, ...options }: ReadOptions & { readonly also?: object },
): Record<string, unknown> {
  const { name, resolve, settings = [], resolveSetting = resolve } = options;
  const raw = parseYaml(text, name) ?? {};
  if (also && isObject(raw)) Object.assign(raw, also);
  for (const setting of settings) put(raw, setting, resolveSetting);
  return raw as Record<string, unknown>;
}

/** The same for an object, as commands make one from their flags. */
export function checkExperiment(raw: unknown, nameOf: Naming, resolve: Resolve): Experiment {
  if (isObject(raw) && raw.sweep !== undefined)
    throw new ConfigError({
      where: nameOf(['sweep']),
      rule: 'is for the command line, which runs its cells one by one',
      got: 'a sweep where one experiment is asked for',
      cure: 'Give the file to `circuit-tuning run`, or leave the section out',
    });
  const parsed = requireShape(experimentSchema, raw, nameOf);
  requireEffects(raw as Record<string, unknown>, parsed, nameOf);
  const { data, model, output_dir: out } = parsed;
  return {
    ...parsed,
    model: isLocal(model) ? resolve(model) : model,
    data: {
      ...data,
      task: resolve(data.task),
      ...(data.train !== undefined && { train: resolve(data.train) }),
      ...(data.held_out !== undefined && { held_out: resolve(data.held_out) }),
      keep: Object.fromEntries(Object.entries(data.keep).map(([name, path]) => [name, resolve(path)])),
      ...(data.prejudice && {
        prejudice: Object.fromEntries(Object.entries(data.prejudice).map(([name, path]) => [name, resolve(path)])),
      }),
      ...(data.graded && {
        graded: Object.fromEntries(
          Object.entries(data.graded).map(([name, of]) => [name, { ...of, task: resolve(of.task) }]),
        ),
      }),
    },
    ...(out !== undefined && { output_dir: resolve(out) }),
  };
}

/**
 * @param at where in an experiment it stands.
 * @throws ConfigError for the first thing that is not as the schema has it.
 */
export function requireShape<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  nameOf: Naming,
  at: readonly string[] = [],
): z.output<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // A misspelt key explains the missing one.
  throw issueError(issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!, raw, nameOf, at);
}

export function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const [first = 'something else'] = error.message.split('\n');
    throw new ConfigError({ where, rule: 'must be YAML', got: first, cure: 'Correct the line' });
  }
}

/** `tuning.steps=20`: the value is YAML, so that lists and numbers are what they look like. */
function put(raw: unknown, setting: string, resolve: Resolve): void {
  const [, path, value] = /^([\w.-]+)=(.*)$/s.exec(setting) ?? [];
  if (path === undefined || value === undefined)
    throw new ConfigError({
      where: '--set',
      rule: 'must be key.key=value',
      got: show(setting),
      cure: 'As in --set tuning.steps=20',
    });
  const keys = path.split('.');
  const last = keys.pop()!;
  let place = raw;
  for (const key of keys) {
    if (!isObject(place)) break;
    place = place[key] ??= {};
  }
  if (!isObject(place))
    throw new ConfigError({
      where: `--set ${path}`,
      rule: 'must lead to a key of a section',
      got: show(place),
      cure: 'Check the path',
    });
  const given = parseYaml(value, `--set ${path}`);
  const isPath =
    typeof given === 'string' && (path === 'output_dir' || isDataPath(path) || (path === 'model' && isLocal(given)));
  place[last] = isPath ? resolve(given) : given;
}

/** Of graded tasks only the file is one. */
const isDataPath = (path: string): boolean =>
  path.startsWith('data.graded.') ? path.endsWith('.task') : path.startsWith('data.');

/** A name from the Hub is no path; './x' is. */
const isLocal = (model: string): boolean => /^\.{1,2}([\\/]|$)/.test(model);

function issueError(issue: z.core.$ZodIssue, raw: unknown, nameOf: Naming, at: readonly string[]): CircuitTuningError {
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = keysAt([...at, ...issue.path]);
    const near = closestMatch(key, known, { maxDistance: Math.max(2, Math.floor(key.length / 3)) });
    return new ConfigError({
      where: nameOf([...at, ...issue.path, key]),
      rule: `must be a known key (${known.join(', ')})`,
      got: show(key),
      cure: near === undefined ? 'Remove it' : `Did you mean ${show(near)}?`,
    });
  }
  let value = raw;
  for (const key of issue.path)
    value = isObject(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  return new ConfigError({
    where: nameOf([...at, ...issue.path]),
    rule: ruleOf(issue),
    got: value === undefined ? 'nothing' : show(value),
    cure: value === undefined ? 'Add it' : 'Correct the value',
  });
}

const articles: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of keys',
  record: 'a section of names',
  tuple: 'a list of two numbers',
};

function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${articles[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be ${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive === true ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

interface Described {
  properties?: Record<string, Described>;
  anyOf?: Described[];
}

/** The keys that a section may have. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let at: Described | undefined = experimentJsonSchema();
  for (const key of path) at = at?.properties?.[String(key)];
  const objects = [at, ...(at?.anyOf ?? [])].flatMap((it) => (it?.properties ? [it.properties] : []));
  return Object.keys(objects[0] ?? {});
}

export const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
