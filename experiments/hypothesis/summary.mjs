/**
 * The answers at a glance: a row for each question, a column for each model, made of the sweeps' results.json so that it
 * cannot go stale. Every difference is turned so that more is further towards what tuning is to bring.
 */

/** Asked by putting another method in the place of `circuit`. */
const methods = {
  random: 'the circuit, or its size? Random nodes of as many parameters',
  'random-fixed': 'the same, drawn once',
  complement: 'the circuit, or all but it?',
  'gradient-norm': 'the circuit, or the largest gradients of as many parameters?',
  layers: 'the circuit, or whole layers of as many parameters?',
  fixed: 'searched again, or once (`fixed`)?',
  full: 'the circuit, or everything (`full`)?',
  lora: 'the circuit, or LoRA of as many parameters?',
};
/** Asked by giving one thing other values. */
const axes = {
  edges: 'N: how many edges?',
  every: 'K: a search every how many steps?',
  extra: 'R: do random parameters beside it help?',
  graph: 'which graph?',
  discovery: 'how are edges scored, and ablated by what?',
};

/** @param models `title`, `better` ('higher' or 'lower'), `isAsked(sweep)` and `resultsOf(sweep)`, its results.json if any
 *   (`isWhole: false` where rows are still missing) */
export function summaryOf(models) {
  const row = (question, sweep, cellOf) => [
    question,
    ...models.map((model) => {
      const results = model.resultsOf(sweep);
      const sign = model.better === 'higher' ? 1 : -1;
      const cell = results && cellOf(results, sign);
      if (cell === undefined) return model.isAsked(sweep) ? 'not run' : '–';
      return results.isWhole === false ? `so far: ${cell}` : cell;
    }),
  ];
  const against = (sweep, method, question) => row(question, sweep, (results, sign) => beside(results, method, sign));
  // A counter-example that was tried on no model has no rows.
  const attractor = models.some(({ resultsOf }) => resultsOf('attractor')) ? ['random', 'fixed', 'full', 'lora'] : [];
  return markdown([
    ['question', ...models.map(({ title }) => title)],
    row('how much of the model is the circuit?', 'controls', sizeOf),
    ...Object.entries(methods).map(([method, question]) => against('controls', method, question)),
    ...Object.entries(axes).map(([sweep, question]) => row(question, sweep, amongValues)),
    ...attractor.map((method) => against('attractor', method, `no circuit before: the circuit, or \`${method}\`?`)),
  ]);
}

const nameOf = ({ values }) => Object.values(values)[0];
const named = (rows, name) => rows.find((row) => nameOf(row) === name);
const isClear = ({ mean, half }) => Math.abs(mean) > half;
const number = (value, places) =>
  value
    .toFixed(places)
    .replace(/^-(?=0\.?0*$)/, '')
    .replace('-', '−');
const shown = ({ mean, half }) => {
  const places = half > 0 ? Math.max(0, 1 - Math.floor(Math.log10(half))) : 2;
  return `${number(mean, places)} ± ${number(half, places)}`;
};
const size = ({ mean, half }) => shown({ mean: Math.abs(mean), half });

/** Who went further, seed by seed, each at its own rate; then who at the same growth of perplexity. */
function beside({ rows, differences, search }, method, sign) {
  const [first] = rows;
  const other = named(rows, method);
  if (!other) return undefined;
  const { mean, half } = named(differences, method).numbers.target;
  const ahead = { mean: -sign * mean, half };
  const said = isClear(ahead)
    ? `**${ahead.mean > 0 ? nameOf(first) : method}** by ${size(ahead)}`
    : `not told apart, ${shown(ahead)}`;
  if (first.at_bound === undefined || other.at_bound === undefined) return said;
  return `${said}; at ×${search.bound} ${number(sign * (first.at_bound - other.at_bound), 1)}`;
}

function sizeOf({ rows }) {
  const { tuned, nodes } = rows[0].numbers;
  const whole = named(rows, 'full')?.numbers.tuned.mean;
  return `${Math.round(nodes.mean)} nodes${whole ? `, ${Math.round((100 * tuned.mean) / whole)} % of the parameters` : ''}`;
}

/** Which values bring the target further than the first one, which less far, and what the most telling one costs. */
function amongValues({ rows, differences }, sign) {
  if (differences.length === 0) return undefined;
  const first = rows[0];
  const made = differences.map((it) => {
    const { mean, half } = it.numbers.target;
    return { name: nameOf(it), by: { mean: sign * mean, half } };
  });
  const most = (list) => list.toSorted((a, b) => Math.abs(b.by.mean) - Math.abs(a.by.mean))[0];
  const growth = ({ numbers }) => `×${numbers.perplexity_factor.mean.toPrecision(3)}`;
  const price = (name) => `perplexity ${growth(named(rows, name))}, of ${nameOf(first)} ${growth(first)}`;
  const told = (list, words) => {
    if (list.length === 0) return [];
    const { name, by } = most(list);
    const names = list.map((it) => it.name).join(', ');
    return [
      `**${names}** ${words} ${nameOf(first)}${list.length > 1 ? `, most ${name}:` : ''} by ${size(by)} (${price(name)})`,
    ];
  };
  const clear = made.filter(({ by }) => isClear(by));
  if (clear.length === 0) {
    const { name, by } = most(made);
    return `none told apart; most ${name} beside ${nameOf(first)} ${shown(by)} (${price(name)})`;
  }
  return [
    ...told(
      clear.filter(({ by }) => by.mean > 0),
      'further than',
    ),
    ...told(
      clear.filter(({ by }) => by.mean < 0),
      'less far than',
    ),
  ].join('; ');
}

const markdown = ([heads, ...rows]) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
