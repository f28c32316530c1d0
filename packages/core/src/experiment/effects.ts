/** Options that cannot take effect: a wish that would silently be ignored is an error instead. */
import { stringify } from 'yaml';
import { hasSteps, requireMethod } from '../attribution/attributionMethods.js';
import { methodOf } from '../tuning/methods/index.js';
import type { TuningMethod } from '../tuning/methods/method.js';
import { needsEnds } from '../circuit/select.js';
import { ConfigError, show } from '../errors.js';
import type { Experiment, Naming, StabilitySection } from './experiment.js';
import { variedDiscoveries } from './stabilityAsked.js';

export interface Idle {
  readonly section: 'data' | 'discovery' | 'evaluation' | 'tuning';
  readonly key: string;
  readonly rule: string;
}

/** The keys that change nothing in this experiment, and why. */
export function idleKeys({ discovery, evaluation, tuning }: Experiment): Idle[] {
  const only = (section: Idle['section'], where: string, ...keys: string[]): Idle[] =>
    keys.map((key) => ({ section, key, rule: `takes effect only ${where}` }));
  const idle: Idle[] = [];
  if (evaluation.faithfulness?.length === 0 && !evaluation.curve)
    idle.push(...only('evaluation', 'where faithfulness is measured', 'controls'));
  if (evaluation.minimality === undefined && !evaluation.exact)
    idle.push(...only('evaluation', 'with minimality or exact', 'sample'));
  if (!hasSteps(discovery.method)) idle.push(...only('discovery', 'with the methods of EAP-IG', 'steps', 'riemann'));
  if (discovery.method !== 'exact') idle.push(...only('discovery', 'with the method exact', 'max_minutes'));
  if (discovery.select === 'threshold') {
    const where = 'with a rule that keeps a number of edges';
    idle.push(
      ...only('discovery', where, 'top_n'),
      ...only('tuning', where, 'top_n'),
      ...only('evaluation', where, 'curve'),
    );
    if (evaluation.faithfulness?.length !== 0) idle.push(...only('evaluation', where, 'faithfulness'));
  } else idle.push(...only('discovery', "with select 'threshold'", 'threshold'));
  if (discovery.select === 'stable')
    idle.push(...only('evaluation', 'with a rule that keeps a number of edges', 'curve'));
  else idle.push(...only('discovery', "with select 'stable'", 'resamples', 'confidence'));
  if (discovery.select === 'node-weighted') idle.push(...only('discovery', 'with another rule of selection', 'signed'));
  if (!tuning) {
    if (typeof discovery.top_n === 'object')
      idle.push(...only('discovery', 'as one number where nothing is tuned', 'top_n'));
    return [...idle, ...only('data', 'when something is tuned', 'train', 'held_out')];
  }
  const { optimizer, methods, objective, search_on: on } = tuning;
  if (optimizer === 'sgd') idle.push(...only('tuning', 'with the adamw optimizer', 'betas', 'eps'));
  else idle.push(...only('tuning', 'with the sgd optimizer', 'momentum'));
  if (objective !== 'weighted') idle.push(...only('tuning', "with objective 'weighted'", 'p'));
  if (on === 'batch') idle.push(...only('tuning', "with search_on 'task'", 'search_sample'));
  const some = (is: (method: TuningMethod) => boolean): boolean => methods.some((method) => is(methodOf(method)));
  if (!some(({ searches }) => searches === 'every'))
    idle.push(...only('tuning', 'with a method that searches again, such as circuit', 'every'));
  if (!some(({ takesExtra }) => takesExtra === true))
    idle.push(...only('tuning', 'with the methods circuit and fixed', 'extra'));
  if (!methods.includes('lora')) idle.push(...only('tuning', 'with the method lora', 'lora'));
  if (!some(({ searches }) => searches !== 'never'))
    idle.push(...only('tuning', 'where a circuit is searched', 'search_on', 'search_sample', 'top_n'));
  return idle;
}

/** @throws ConfigError for the first key that was given and would change nothing. */
export function requireEffects(raw: unknown, experiment: Experiment, nameOf: Naming): void {
  const given = raw as Partial<Record<Idle['section'], Record<string, unknown>>>;
  for (const { section, key, rule } of idleKeys(experiment)) {
    const value = given[section]?.[key];
    if (value === undefined) continue;
    throw new ConfigError({ where: nameOf([section, key]), rule, got: show(value), cure: 'Leave it out' });
  }
  const { discovery, stability, tuning, dtype } = experiment;
  if (tuning && dtype === 'f16')
    throw new ConfigError({
      where: nameOf(['dtype']),
      rule: 'must be f32 where something is tuned: an update is smaller than the steps of f16',
      got: show(dtype),
      cure: 'Leave it out',
    });
  if (stability) requireStable({ raw: given, experiment, stability }, nameOf);
  requireMethod(discovery, (key) => nameOf(['discovery', key]));
  if (discovery.select === 'threshold' && discovery.threshold === undefined)
    throw new ConfigError({
      where: nameOf(['discovery', 'threshold']),
      rule: "must be given with select 'threshold'",
      got: 'nothing',
      cure: 'Give the least |score| that is kept',
    });
  const { graph, select: rule, pruned } = discovery;
  const why = needsEnds({ rule, pruned });
  if (why !== undefined && graph !== 'eap-ig')
    throw new ConfigError({
      where: nameOf(['discovery', rule === 'greedy' ? 'select' : 'pruned']),
      rule: `takes effect only in the eap-ig graph: ${why}`,
      got: show(graph),
      cure: 'Choose the eap-ig graph, or leave it out',
    });
  if (tuning?.objective === 'weighted' && tuning.p === undefined)
    throw new ConfigError({
      where: nameOf(['tuning', 'p']),
      rule: "must be given with objective 'weighted', in (0, 1]",
      got: 'nothing',
      cure: 'Give 0.5 to count answers twice',
    });
  if (tuning?.bias_penalty !== undefined && tuning.accumulation > 1)
    throw new ConfigError({
      where: nameOf(['tuning', 'accumulation']),
      rule: 'must be 1 with a bias penalty, which looks at the mean of one batch',
      got: tuning.accumulation,
      cure: 'Make batches larger instead',
    });
  const twice = tuning?.methods.find((method, i, all) => all.indexOf(method) !== i);
  if (twice !== undefined)
    throw new ConfigError({
      where: nameOf(['tuning', 'methods']),
      rule: 'must name each method once',
      got: show(tuning?.methods),
      cure: `Remove the second ${twice}`,
    });
}

/** What is varied is checked as if it had been asked for itself. */
function requireStable(
  { raw, experiment, stability }: { raw: object; experiment: Experiment; stability: StabilitySection },
  nameOf: Naming,
): void {
  if (experiment.discovery.select === 'stable')
    throw new ConfigError({
      where: nameOf(['discovery', 'select']),
      rule: 'must be the rule whose circuit is tested',
      got: '"stable", which a test of stability finds by itself',
      cure: 'Leave it out for top-n',
    });
  const { discovery: own } = raw as { discovery?: object };
  for (const { key, discovery } of variedDiscoveries(experiment.discovery, stability))
    requireEffects(
      { ...raw, stability: undefined, discovery: { ...own, [key]: discovery[key] } },
      { ...experiment, stability: undefined, discovery },
      nameOf,
    );
}

/** A copy of what was given without these keys. */
export function withoutKeys<Raw extends object>(raw: Raw, keys: readonly Pick<Idle, 'section' | 'key'>[]): Raw {
  const plain = structuredClone(raw);
  for (const { section, key } of keys)
    delete (plain as Record<string, Record<string, unknown> | undefined>)[section]?.[key];
  return plain;
}

/** The experiment as it is written down: defaults filled in, and only keys that count, so that it can be run again. */
export function experimentText(experiment: Experiment): string {
  return stringify(withoutKeys(experiment, idleKeys(experiment)));
}
