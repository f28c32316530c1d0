/** What a node or an edge is, in words and numbers, for up to two circuits of a run. */
import { nodeOfRead, readersOf, type CircuitNodes, type CircuitSet, type Compared } from './circuitData.js';
import type { Selection } from './circuit.js';
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
  if (kind === 'head') return `${read}attention head ${index}, layer ${layer}`;
  return `${read}MLP${name.includes('.b') ? ` block ${index}` : ''}, layer ${layer}`;
}

/** kept, left or entered; undefined where only one circuit is shown, or the edge is in neither. */
function fate(set: CircuitSet, edge: number, { a, b }: Compared): 'kept' | 'left' | 'entered' | undefined {
  if (b === undefined) return undefined;
  const before = set.circuits[a]!.inside.includes(edge);
  const after = set.circuits[b]!.inside.includes(edge);
  return before && after ? 'kept' : before ? 'left' : after ? 'entered' : undefined;
}

const SHOWN = 6;

export function details(
  set: CircuitSet,
  pair: Compared,
  selection: Selection | undefined,
  pick: (to: Selection) => void,
): HTMLElement {
  if (!selection)
    return h(
      'p',
      { class: 'hint' },
      'Point at a node or an edge, tap it, or move with the arrow keys: what it is stands here. A click or Enter pins it.',
    );
  return 'node' in selection ? ofNode(set, pair, selection.node, pick) : ofEdge(set, pair, selection);
}

function edgesIn(set: CircuitSet, { a, b }: Compared): number[] {
  return [...new Set([...set.circuits[a]!.inside, ...(b === undefined ? [] : set.circuits[b]!.inside)])];
}

const scoreOf = (set: CircuitSet, circuit: number | undefined, edge: number): number | null | undefined =>
  circuit === undefined ? undefined : set.circuits[circuit]!.score[edge];

function ofNode(set: CircuitSet, pair: Compared, name: string, pick: (to: Selection) => void): HTMLElement {
  const strength = (edge: number): number =>
    Math.max(Math.abs(scoreOf(set, pair.a, edge) ?? 0), Math.abs(scoreOf(set, pair.b, edge) ?? 0));
  const edges = edgesIn(set, pair).sort((x, y) => strength(y) - strength(x));
  const written = edges.filter((i) => set.nodes.sources[set.from[i]!] === name);
  const read = edges.filter((i) => readersOf(set.nodes, set.nodes.reads[set.to[i]!]!).includes(name));
  const list = (title: string, which: readonly number[], other: (edge: number) => string): HTMLElement =>
    h(
      'div',
      {},
      h('h4', {}, `${title} ${which.length} edge${which.length === 1 ? '' : 's'}`),
      h(
        'ul',
        { class: 'edge-list' },
        ...which.slice(0, SHOWN).map((i) => h('li', {}, edgeButton(set, pair, i, other(i), pick))),
        ...(which.length > SHOWN ? [h('li', { class: 'hint' }, `and ${which.length - SHOWN} weaker`)] : []),
      ),
    );
  return h(
    'div',
    {},
    h('h3', {}, h('code', {}, name), ` ${nameInWords(set.nodes, name)}`),
    h(
      'div',
      { class: 'columns' },
      list('Reads along', read, (i) => {
        const [, what] = /<(.*)>$/.exec(set.nodes.reads[set.to[i]!]!) ?? [];
        return `${set.nodes.sources[set.from[i]!]}${what ? ` as ${what}` : ''}`;
      }),
      list('Writes along', written, (i) => set.nodes.reads[set.to[i]!]!),
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
  const scores = pair.b === undefined ? [pair.a] : [pair.a, pair.b];
  const to: Selection = { from: set.nodes.sources[set.from[edge]!]!, to: set.nodes.reads[set.to[edge]!]! };
  return h(
    'button',
    { type: 'button', class: 'edge', onclick: () => pick(to) },
    h('code', {}, text),
    h('span', { class: 'score' }, scores.map((circuit) => formatCell(scoreOf(set, circuit, edge))).join(' → ')),
    ...(what ? [h('span', { class: `fate ${what}` }, what)] : []),
  );
}

function ofEdge(set: CircuitSet, pair: Compared, { from, to }: { from: string; to: string }): HTMLElement {
  const edge = set.from.findIndex((s, i) => set.nodes.sources[s] === from && set.nodes.reads[set.to[i]!] === to);
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
  if (!inside.includes(edge)) return ', not in this circuit';
  const size = Math.abs(score[edge] ?? 0);
  return `, number ${1 + inside.filter((i) => Math.abs(score[i] ?? 0) > size).length} of ${inside.length} by strength`;
}
