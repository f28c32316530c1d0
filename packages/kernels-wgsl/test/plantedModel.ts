/**
 * A model whose circuit is known because its weights are set by hand. What it can say about a token stands in directions of
 * the residual stream that are at right angles; each part of the circuit reads one of them and writes another:
 *
 *   class of the marked word → (a0.h1, by value or by key) → MOVED → (m0) → TOLD → (a1.h2, by value) → ANSWER → logits
 *
 * Around it stand parts that are loud and change nothing: they write what differs between the sides where nobody reads, or
 * write to the answer what never differs. Every weight has noise on it.
 */
import {
  nodesOf,
  parameterShapes,
  Random,
  type Example,
  type ModelConfig,
  type Nodes,
  type Parameters,
} from '@circuit-tuning/core';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const shape = { L: 2, D: 32, H: 4, E: 8, F: 16, V: 16, T: 8, tied: false };
export const plantedGpt2: ModelConfig = { ...tinyGpt2, ...shape, K: 4 };
export const plantedLlama: ModelConfig = { ...tinyLlama, ...shape, K: 2 };

/** Directions without a mean, which LayerNorm would take away: + in one dimension, − in the next. */
const directions = ['SAME', 'CLASS', 'MARK', 'LAST', 'MOVED', 'TOLD', 'ANSWER', 'JUNK', 'NOISE', 'WORD'] as const;
type Direction = (typeof directions)[number];
const NOISE = 0.01;

const [MARKED, PLAIN, QUERY, FILLER, GOOD] = [0, 2, 4, 5, 14];
const FILLERS = 8;

/** Rows of one parameter, with what was planted in them. */
class Planted {
  readonly #rows = new Map<string, Float32Array>();
  readonly #config: ModelConfig;

  constructor(config: ModelConfig) {
    this.#config = config;
    const random = new Random(20);
    for (const { name, shape, kind } of parameterShapes(config)) {
      const length = shape.reduce((n, size) => n * size, 1);
      const at = kind === 'norm' && name.endsWith('.w') ? 1 : 0;
      this.#rows.set(
        name,
        Float32Array.from({ length }, () => at + (at ? 0 : NOISE * random.normal())),
      );
    }
  }

  add(name: string, row: number, direction: Direction, value: number): this {
    const { D } = this.#config;
    const first = row * D + 2 * directions.indexOf(direction);
    const values = this.#rows.get(name)!;
    values[first]! += value / Math.SQRT2;
    values[first + 1]! -= value / Math.SQRT2;
    return this;
  }

  parameters(): Parameters {
    const { D } = this.#config;
    return {
      read: async (name, rows) => {
        const values = this.#rows.get(name)!;
        return (rows ? values.slice(rows.from * D, rows.to * D) : values) as Float32Array<ArrayBuffer>;
      },
    };
  }
}

/** Of a head's channels the ones that turn slowest under rotary positions carry keys; another carries the value. */
const [KEY, VALUE] = [3, 1];

export function plantedParameters(config: ModelConfig): Parameters {
  const { E, H, K, V, act } = config;
  const planted = new Planted(config);
  for (let token = 0; token < V; token++) planted.add('embed.W_E', token, 'SAME', 3);
  for (const [token, sign, marked] of [
    [MARKED, 1, true],
    [MARKED + 1, -1, true],
    [PLAIN, 1, false],
    [PLAIN + 1, -1, false],
  ] as const)
    planted.add('embed.W_E', token, 'CLASS', sign).add('embed.W_E', token, 'MARK', marked ? 1 : 0);
  planted.add('embed.W_E', QUERY, 'LAST', 1);
  for (let i = 0; i < FILLERS; i++) planted.add('embed.W_E', FILLER + i, 'WORD', i % 2 ? 1 : -1);
  planted.add('unembed.W_U', GOOD, 'ANSWER', 1).add('unembed.W_U', GOOD + 1, 'ANSWER', -1);

  const head = (
    layer: number,
    h: number,
    [query, key, value, out]: readonly [Direction, Direction, Direction, Direction],
    // attention a little below saturation, where gradients still see the keys
    // a little below saturation, where gradients still see the keys
    { sharp = 1.4, size = 1 } = {},
  ): void => {
    const shared = Math.floor(h / (H / K));
    const at = (name: string, of: number, channel: number, direction: Direction, amount: number) =>
      planted.add(`blocks.${layer}.attn.${name}`, of * E + channel, direction, amount);
    at('W_Q', h, KEY, query, sharp);
    at('W_K', shared, KEY, key, sharp);
    at('W_V', shared, VALUE, value, 1);
    at('W_O', h, VALUE, out, size);
  };
  const neurons = (layer: number, first: number, from: Direction, to: Direction, size: number): void => {
    const at = (name: string, neuron: number, direction: Direction, amount: number) =>
      planted.add(`blocks.${layer}.mlp.${name}`, neuron, direction, amount);
    // gelu(x) − gelu(−x) is x; a gate that reads what all tokens share is open by as much everywhere
    if (act === 'swiglu') {
      at('W_gate', first, 'SAME', 0.4);
      at('W_in', first, from, 1);
      at('W_out', first, to, size);
    } else
      for (const sign of [1, -1]) {
        const neuron = first + (sign < 0 ? 1 : 0);
        at('W_in', neuron, from, sign);
        at('W_out', neuron, to, sign * size);
      }
  };
  head(0, 1, ['LAST', 'MARK', 'CLASS', 'MOVED']);
  neurons(0, 0, 'MOVED', 'TOLD', 1);
  head(1, 2, ['LAST', 'LAST', 'TOLD', 'ANSWER']);
  // Loud and without effect: what differs goes where nobody reads, what is read differs nowhere.
  head(0, 3, ['LAST', 'MARK', 'CLASS', 'JUNK'], { size: 1.5 });
  head(1, 0, ['LAST', 'MARK', 'CLASS', 'NOISE'], { size: 1.5 });
  neurons(0, 4, 'CLASS', 'NOISE', 1.5);
  neurons(1, 4, 'TOLD', 'JUNK', 1.5);
  neurons(1, 8, 'LAST', 'ANSWER', 0.3);
  return planted.parameters();
}

/**
 * The marked word stands before the other or after it; the two are of opposite class.
 * @param way what differs: the class of the marked word, so that a value changes; or which of the words is marked, a key.
 */
export const plantedExamples = (way: 'value' | 'key'): Example[] =>
  Array.from({ length: 8 }, (_, i): Example => {
    const random = new Random(21, i);
    const filler = (): number => FILLER + random.below(FILLERS);
    const word = (isMarked: boolean, isGood: boolean): number => (isMarked ? MARKED : PLAIN) + (isGood ? 0 : 1);
    const [isFirst, isGood] = [i % 2 === 0, i % 4 < 2];
    const texts = [filler(), filler()] as const;
    const side = (isCorrupt: boolean): number[] => {
      const marked = (way === 'key' && isCorrupt) !== isFirst;
      const flipped = way === 'value' && isCorrupt;
      // the word that is marked on the clean side is of the example's class
      const ofClass = (isIt: boolean): boolean => (isIt ? isGood !== flipped : !isGood);
      return [texts[0], word(marked, ofClass(isFirst)), texts[1], word(!marked, ofClass(!isFirst)), QUERY];
    };
    const [good, bad] = isGood ? [GOOD, GOOD + 1] : [GOOD + 1, GOOD];
    const targets = [{ pos: 5, good: [good], bad: [bad] }];
    return { kind: 'tokens', id: `${i}`, line: i + 1, tokens: side(false), corruptTokens: side(true), targets };
  });

/** The edges that carry the answer, by name, where `way` differs. */
export function plantedEdges(config: ModelConfig, way: 'value' | 'key', { mlpGroups }: Nodes): string[] {
  const shared = (h: number): number => Math.floor(h / (config.H / config.K));
  const into = mlpGroups === 1 ? 'm0' : 'm0.b0<in>';
  const out = mlpGroups === 1 ? 'm0' : 'm0.b0';
  return [
    `input->a0.h${shared(1)}<${way === 'value' ? 'v' : 'k'}>`,
    `a0.h1->${into}`,
    `${out}->a1.h${shared(2)}<v>`,
    'a1.h2->logits',
  ];
}

export const plantedNodes = (config: ModelConfig): Nodes =>
  nodesOf(config, config.act === 'swiglu' ? { mlpBlock: 4 } : {});
