/** What an experiment asked, in the few lines that a reader needs first; the whole file stands further down. */

export type Facts = readonly (readonly [label: string, value: string])[];

/** The value at a dotted path of parsed YAML or JSON; undefined where the path ends early. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (so, key) => (typeof so === 'object' && so !== null ? (so as Record<string, unknown>)[key] : undefined),
      value,
    );

const inWords = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((one) => inWords(one)).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, one]) => `${key} ${inWords(one)}`)
      .join(', ');
  return String(value as string | number | boolean);
};

/** Parts that are there, joined; undefined where none is. */
const joined = (...parts: readonly (string | undefined | false)[]): string | undefined =>
  parts.filter(Boolean).join(', ') || undefined;

export function askedFor(experiment: unknown, manifest: unknown): Facts {
  const say = (path: string, words: (text: string) => string = (text) => text): string | undefined => {
    const text = inWords(at(experiment, path));
    return text === undefined ? undefined : words(text);
  };
  const facts: [string, string | undefined][] = [
    ['Model', say('model')],
    ['Task', joined(say('data.task'), at(experiment, 'data.flip') === true && 'with good and bad answers swapped')],
    ['Tuned on', at(experiment, 'tuning') ? (say('data.train') ?? 'the task itself') : undefined],
    ['Measured on', say('data.held_out')],
    ['To be kept', keptFiles(at(experiment, 'data.keep'))],
    [
      'Circuit',
      joined(
        say('discovery.top_n', (n) => `${n} edges`),
        say('discovery.threshold', (least) => `scores from ${least} on`),
        say('discovery.select', (rule) => (rule === 'top-n' || rule === 'threshold' ? '' : `chosen by ${rule}`)),
        say('discovery.graph', (graph) => `${graph} graph`),
        say('discovery.method', (method) => `scored by ${method}`),
        say('discovery.metric', (metric) => `metric ${metric}`),
        say('discovery.ablation', (ablation) => `${ablation} ablation`),
      ),
    ],
    [
      'Tuning',
      joined(
        say('tuning.methods', (methods) => methods.replaceAll(', ', ' / ')),
        say('tuning.steps', (steps) => `${steps} steps`),
        say('tuning.every', (every) => `searching every ${every}`),
        say('tuning.optimizer'),
        say('tuning.learning_rate', (rate) => `learning rate ${rate}`),
        say('tuning.objective', (objective) => `loss on ${objective === 'all' ? 'all tokens' : objective}`),
      ),
    ],
    ['Adapter', adapterOf(manifest)],
    ['Begun', startOf(manifest)],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]));
}

function adapterOf(manifest: unknown): string | undefined {
  const adapter = at(manifest, 'adapter');
  if (typeof adapter !== 'object' || adapter === null) return inWords(adapter);
  return joined(
    inWords(at(adapter, 'name')),
    inWords(at(adapter, 'backend')),
    at(adapter, 'isSoftware') === true && 'in software',
  );
}

/** `questions (questions.jsonl)` */
const keptFiles = (keep: unknown): string | undefined =>
  typeof keep === 'object' && keep !== null
    ? joined(...Object.entries(keep).map(([name, file]) => `${name} (${String(file)})`))
    : undefined;

/** To the minute, as ISO 8601 says it but with a space. */
const startOf = (manifest: unknown): string | undefined =>
  inWords(at(manifest, 'started'))?.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, '$1 $2 UTC');
