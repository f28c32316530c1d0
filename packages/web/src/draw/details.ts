/** What a node or an edge is, in words and numbers, for up to two circuits of a run. */
import { nodeOfRead, readersOf, type CircuitNodes, type CircuitSet, type Compared } from './circuitData.js';
import type { Selection } from './circuitOptions.js';
import { changeOf, fates, type Fate } from './compare.js';
import { h } from './dom.js';
import { parseNode } from './layout.js';
import { formatCell } from './table.js';

/** `a3.h5<q>` in words. */
export function nameInWords(nodes: Pick<CircuitNodes, 'heads' | 'kvHeads'>, name: string): string {
  const { kind, layer, index } = parseNode(nodeOfRead(name));
  const what = /<(.*)>$/.exec(name)?.[1];
  const read = { q: 'query of ', k: 'key of ', v: 'value of ', gate: 'gate of ', in: 'input of ' }[what ?? ''] ?? '';
  if (kind === 'input') return 'input embedding';
  if (kind === 'logits') return 'unembedding';
  const readers = readersOf(nodes, name);
  if (readers.length > 1) {
    const [first, last] = [parseNode(readers[0]!).index, parseNode(readers.at(-1)!).index];
    return `${read}attention heads ${first} to ${last}, which share key/value head ${index}, layer ${layer}`;
  }
  if (kind === 'heads') return `${read}all attention heads, layer ${layer}`;
  if (kind === 'head') return `${read}attention head ${index}, layer ${layer}`;
  return `${read}MLP${name.includes('.b') ? ` block ${index}` : ''}, layer ${layer}`;
}

/** Edges are asked for by the hundred thousand: what is in a circuit is a flag for each. Kept as long as its set is. */
const flags = new WeakMap<CircuitSet, Map<number, Uint8Array>>();
function insideOf(set: CircuitSet, circuit: number): Uint8Array {
  const known = flags.get(set) ?? new Map<number, Uint8Array>();
  flags.set(set, known);
  let inside = known.get(circuit);
  if (!inside) {
    known.set(circuit, (inside = new Uint8Array(set.from.length)));
    for (const i of set.circuits[circuit]!.inside) inside[i] = 1;
  }
  return inside;
}

/** Undefined where only one circuit is shown, or the edge is in neither. */
function fate(set: CircuitSet, edge: number, { a, b }: Compared): Fate | undefined {
  if (b === undefined) return undefined;
  const score = (circuit: number): number =>
    insideOf(set, circuit)[edge] ? (set.circuits[circuit]!.score[edge] ?? 0) : Number.NaN;
  const [before, after] = [score(a), score(b)];
  return Number.isNaN(before) && Number.isNaN(after) ? undefined : fates[changeOf(before, after)];
}

const SHOWN = 6;

export function details(
  set: CircuitSet,
  pair: Compared,
  selection: Selection | undefined,
  pick: (to: Selection) => void,
): HTMLElement {
  if (!selection) return overview(set, pair, pick);
  return 'node' in selection ? ofNode(set, pair, selection.node, pick) : ofEdge(set, pair, selection);
}

const scoreOf = (set: CircuitSet, circuit: number | undefined, edge: number): number | null | undefined =>
  circuit === undefined ? undefined : set.circuits[circuit]!.score[edge];

function ofNode(set: CircuitSet, pair: Compared, name: string, pick: (to: Selection) => void): HTMLElement {
  const isSource = set.nodes.sources.map((source) => source === name);
  const isReader = set.nodes.reads.map((read) => readersOf(set.nodes, read).includes(name));
  const inside = shownCircuits(pair).map((circuit) => insideOf(set, circuit));
  const written: number[] = [];
  const read: number[] = [];
  for (let i = 0; i < set.from.length; i++) {
    if (!inside.some((flag) => flag[i])) continue;
    if (isSource[set.from[i]!]) written.push(i);
    if (isReader[set.to[i]!]) read.push(i);
  }
  const strength = (edge: number): number => Math.max(sizeOf(set, pair.a, edge), sizeOf(set, pair.b, edge));
  for (const edges of [written, read]) edges.sort((x, y) => strength(y) - strength(x));
  const count = (what: string, { length }: readonly number[]): string =>
    `${what} ${length} edge${length === 1 ? '' : 's'}`;
  const source = (i: number): string => {
    const what = /<(.*)>$/.exec(set.nodes.reads[set.to[i]!]!)?.[1];
    return `${set.nodes.sources[set.from[i]!]}${what ? ` as ${what}` : ''}`;
  };
  return h(
    'div',
    {},
    h('h3', {}, h('code', {}, name), ` ${nameInWords(set.nodes, name)}`),
    h(
      'div',
      { class: 'columns' },
      edgeList(set, pair, count('Reads along', read), read, source, pick),
      edgeList(set, pair, count('Writes along', written), written, (i) => set.nodes.reads[set.to[i]!]!, pick),
    ),
  );
}

const shownCircuits = ({ a, b }: Compared): number[] => (b === undefined ? [a] : [a, b]);

const sizeOf = (set: CircuitSet, circuit: number | undefined, edge: number): number =>
  Math.abs(scoreOf(set, circuit, edge) ?? 0);

/** The first of `edges` as buttons, under a heading. */
function edgeList(
  set: CircuitSet,
  pair: Compared,
  title: string,
  edges: readonly number[],
  text: (edge: number) => string,
  pick: (to: Selection) => void,
  of = edges.length,
): HTMLElement {
  const rest = of - SHOWN;
  return h(
    'div',
    {},
    h('h4', {}, title),
    h(
      'ul',
      { class: 'edge-list' },
      ...edges.slice(0, SHOWN).map((i) => h('li', {}, edgeButton(set, pair, i, text(i), pick))),
      ...(rest > 0 ? [h('li', { class: 'hint' }, `and ${rest} weaker`)] : []),
    ),
  );
}

/** The strongest few of a circuit, in one pass over its edges. */
function strongest(set: CircuitSet, circuit: number, count: number): number[] {
  const found: number[] = [];
  let least = -1;
  for (const i of set.circuits[circuit]!.inside) {
    const size = sizeOf(set, circuit, i);
    if (found.length === count && size <= least) continue;
    let at = found.length;
    while (at > 0 && sizeOf(set, circuit, found[at - 1]!) < size) at--;
    found.splice(at, 0, i);
    found.length = Math.min(found.length, count);
    least = sizeOf(set, circuit, found.at(-1)!);
  }
  return found;
}

/** With nothing chosen: what to do, and where to begin. */
function overview(set: CircuitSet, pair: Compared, pick: (to: Selection) => void): HTMLElement {
  const both = (i: number): string => `${set.nodes.sources[set.from[i]!]} → ${set.nodes.reads[set.to[i]!]}`;
  const list = (title: string, circuit: number): HTMLElement =>
    edgeList(set, pair, title, strongest(set, circuit, SHOWN), both, pick, set.circuits[circuit]!.inside.length);
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'hint' },
      'Point at a node or an edge, tap it, or use the arrow keys: what it is stands here. A click or Enter pins it.',
    ),
    h(
      'div',
      { class: 'columns' },
      list(pair.b === undefined ? 'Strongest edges' : 'Strongest before', pair.a),
      ...(pair.b === undefined ? [] : [list('Strongest after', pair.b)]),
    ),
  );
}

function edgeButton(
  set: CircuitSet,
  pair: Compared,
  edge: number,
  text: string,
  pick: (to: Selection) => void,
): HTMLElement {
  const what = fate(set, edge, pair);
  const to: Selection = { from: set.nodes.sources[set.from[edge]!]!, to: set.nodes.reads[set.to[edge]!]! };
  return h(
    'button',
    { type: 'button', class: 'edge', onclick: () => pick(to) },
    h('code', {}, text),
    h(
      'span',
      { class: 'score' },
      shownCircuits(pair)
        .map((circuit) => formatCell(scoreOf(set, circuit, edge)))
        .join(' → '),
    ),
    ...(what ? [h('span', { class: `fate ${what}` }, what)] : []),
  );
}

function ofEdge(set: CircuitSet, pair: Compared, { from, to }: { from: string; to: string }): HTMLElement {
  const [source, read] = [set.nodes.sources.indexOf(from), set.nodes.reads.indexOf(to)];
  let edge = set.from.length - 1;
  while (edge >= 0 && !(set.from[edge] === source && set.to[edge] === read)) edge--;
  const what = edge === -1 ? undefined : fate(set, edge, pair);
  const before = scoreOf(set, pair.a, edge);
  const after = scoreOf(set, pair.b, edge);
  const value = (label: string, score: number | null | undefined, circuit: number): Node[] => [
    h('dt', {}, label),
    h('dd', {}, `${formatCell(score)}${meaning(score)}${rank(set, circuit, edge)}`),
  ];
  return h(
    'div',
    {},
    h('h3', {}, h('code', {}, `${from} → ${to}`), ...(what ? [' ', h('span', { class: `fate ${what}` }, what)] : [])),
    h('p', {}, `What the ${nameInWords(set.nodes, from)} writes, as the ${nameInWords(set.nodes, to)} reads it.`),
    h(
      'dl',
      {},
      ...(pair.b === undefined
        ? value('Score', before, pair.a)
        : [...value('Before', before, pair.a), ...value('After', after, pair.b)]),
    ),
  );
}

const meaning = (score: number | null | undefined): string =>
  score === null || score === undefined || score === 0 ? '' : score > 0 ? ', raises the metric' : ', lowers the metric';

function rank(set: CircuitSet, circuit: number, edge: number): string {
  const { inside, score } = set.circuits[circuit]!;
  if (!insideOf(set, circuit)[edge]) return ', not in this circuit';
  const size = Math.abs(score[edge] ?? 0);
  let stronger = 0;
  for (const i of inside) if (Math.abs(score[i] ?? 0) > size) stronger++;
  return `, number ${1 + stronger} of ${inside.length} by strength`;
}
