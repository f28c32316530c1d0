/** Circuits of one run in one figure: one alone, or two side by side with the edges that entered and left. */
import { circuitView, type CircuitView, type Selection } from './circuit.js';
import { compared, ENTERED, LEFT, type CircuitEdges, type CircuitSet, type Compared } from './circuitData.js';
import { fates, GROWTH } from './compare.js';
import { details } from './details.js';
import { h } from './dom.js';
import type { ColourBy } from './paint.js';
import { formatNumber } from './table.js';

export interface CircuitPair {
  readonly element: HTMLElement;
  destroy(): void;
}

export interface PairOptions {
  /** By key of the set's circuits; the first is shown on the left, the others are offered beside it. */
  readonly titles: Readonly<Record<string, string>>;
  /** Called with the circuits now shown: at first, and when the reader chooses another. */
  readonly onShow?: (shown: Compared) => void;
}

/** So many edges are drawn at first: more hide the strong ones. */
const AT_FIRST = 300;

/** The set must hold at least one circuit. */
export function circuitPair(set: CircuitSet, { titles, onShow }: PairOptions): CircuitPair {
  const title = (circuit: number): string => titles[set.circuits[circuit]!.key] ?? set.circuits[circuit]!.key;
  const most = Math.max(1, ...set.circuits.map(({ inside }) => inside.length));
  let pair: Compared = { a: 0, b: set.circuits.length > 1 ? 1 : undefined };
  let top = Math.min(most, AT_FIRST);
  let colourBy: ColourBy = pair.b === undefined ? 'sign' : 'change';
  let pinned: Selection | undefined;

  const panel = h('div', { class: 'details', 'aria-live': 'polite' });
  const legend = h('p', { class: 'legend' });
  const views: CircuitView[] = [];
  const captions = [h('figcaption'), h('figcaption')];

  const show = (selection: Selection | undefined): void => {
    for (const view of views) view.mark(selection);
    panel.replaceChildren(details(set, pair, selection, pick));
  };
  const pick = (selection: Selection | undefined): void => {
    pinned = selection;
    show(selection);
  };
  const listeners = { onPoint: (selection: Selection | undefined) => show(selection ?? pinned), onPick: pick };
  const shownEdges = () => [
    compared(set, pair.a, pair.b, LEFT),
    ...(pair.b === undefined ? [] : [compared(set, pair.b, pair.a, ENTERED)]),
  ];
  const shownOptions = (side: number) => {
    const circuit = side === 0 ? pair.a : pair.b!;
    return { label: title(circuit), top, colourBy };
  };

  const update = (): void => {
    const all = shownEdges();
    for (const [side, edges] of all.entries()) {
      views[side]!.setEdges(edges);
      views[side]!.setOptions(shownOptions(side));
      const circuit = side === 0 ? pair.a : pair.b!;
      captions[side]!.replaceChildren(
        h('strong', {}, title(circuit)),
        captionOf(edges, set.circuits[circuit]!.of, side),
      );
    }
    legend.replaceChildren(...legendOf(colourBy));
    show(pinned);
    onShow?.(pair);
  };

  for (const [side, edges] of shownEdges().entries())
    views.push(circuitView(set.nodes, edges, { ...shownOptions(side), ...listeners }));

  const element = h(
    'div',
    { class: 'circuit-pair' },
    controls(),
    legend,
    h('div', { class: 'pictures' }, ...views.map((view, side) => h('figure', {}, captions[side]!, view.element))),
    panel,
  );
  update();
  return {
    element,
    destroy() {
      for (const view of views) view.destroy();
      element.remove();
    },
  };

  function controls(): HTMLElement {
    const parts: Node[] = [];
    if (set.circuits.length > 2) {
      const choice = h(
        'select',
        {
          onchange: () => {
            pair = { ...pair, b: Number(choice.value) };
            update();
          },
        },
        ...set.circuits.slice(1).map((_, i) => h('option', { value: i + 1 }, title(i + 1))),
      );
      parts.push(h('label', {}, 'Compare with ', choice));
    }
    const shownOf = (count: number): string =>
      count < most ? `${formatNumber(count)} of ${formatNumber(most)}` : `all ${formatNumber(most)}`;
    const shown = h('output', {}, shownOf(top));
    const least = Math.min(10, most);
    // each step of the slider multiplies: a circuit of ten edges and one of thousands are both within reach
    const slider = h('input', {
      type: 'range',
      min: 0,
      max: 100,
      step: 1,
      value: most === least ? 100 : Math.round((100 * Math.log(top / least)) / Math.log(most / least)),
      'aria-label': 'How many of the strongest edges are drawn',
      oninput: () => {
        top = Math.round(least * (most / least) ** (Number(slider.value) / 100));
        shown.textContent = shownOf(top);
        update();
      },
    });
    if (most > least) parts.push(h('label', {}, 'Strongest edges drawn ', slider, ' ', shown));
    if (pair.b !== undefined) {
      const choices: [ColourBy, string][] = [
        ['change', 'what changed'],
        ['sign', 'sign of the score'],
      ];
      parts.push(
        h(
          'div',
          { class: 'choices', role: 'radiogroup', 'aria-label': 'Colour shows' },
          h('span', { 'aria-hidden': 'true' }, 'Colour shows'),
          ...choices.map(([value, text]) =>
            h(
              'label',
              {},
              h('input', {
                type: 'radio',
                name: 'colour-by',
                value,
                checked: value === colourBy,
                onchange: () => {
                  colourBy = value;
                  update();
                },
              }),
              ` ${text}`,
            ),
          ),
        ),
      );
    }
    return h('div', { class: 'controls' }, ...parts);
  }
}

/** `60 of 479 edges; 18 of them left` */
function captionOf({ score, change }: CircuitEdges, of: number, side: number): string {
  const gone = side === 0 ? LEFT : ENTERED;
  const changed = Array.from(change ?? []).filter((what) => what === gone).length;
  return `${formatNumber(score.length)} of ${formatNumber(of)} edges${changed > 0 ? `; ${formatNumber(changed)} of them ${fates[gone]}` : ''}`;
}

function legendOf(colourBy: ColourBy): Node[] {
  const item = (style: string, text: string): Node =>
    h('span', { class: 'key' }, h('span', { class: `line ${style}` }), text);
  const much = `by ${Math.round(100 * (GROWTH - 1))} % or more`;
  return [
    ...(colourBy === 'sign'
      ? [item('positive', 'raises the metric'), item('negative', 'lowers it')]
      : [
          item('kept', 'in both, about as strong'),
          item('grew', `in both, grew ${much}`),
          item('shrank', `in both, shrank ${much}`),
          item('left', 'left: before only'),
          item('entered', 'entered: after only'),
        ]),
    h('span', { class: 'key' }, 'thicker: stronger'),
  ];
}
