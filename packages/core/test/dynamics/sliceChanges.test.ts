import { describe, expect, it } from 'vitest';
import {
  effectiveRank,
  nodeChanges,
  nodesNamed,
  nodesOf,
  OUTSIDE,
  parameterCount,
  parseConfig,
  sliceChanges,
  type Parameters,
} from '../../src/index.js';
import { configs, gpt2Config, numbered } from '../model/tinyModels.js';

const config = parseConfig(gpt2Config);
const base = numbered(gpt2Config);
/** The base with a number added to single values. */
const moved = (changes: Readonly<Record<string, Readonly<Record<number, number>>>>): Parameters => ({
  async read(name, rows) {
    const values = await base.read(name, rows);
    for (const [i, change] of Object.entries(changes[name] ?? {})) values[Number(i)]! += change;
    return values;
  },
});

describe('where an update lies', () => {
  it('is told by slice and by node, and its shares add up to 1', async () => {
    // rows of 8; each head owns 4 rows of W_Q
    const now = moved({
      'blocks.1.attn.W_Q': { 0: 3, 32: 0.5, 41: 0.5 },
      'blocks.0.attn.b_O': { 2: 1 },
      'embed.W_E': { 5: 4 },
    });
    const slices = await sliceChanges(nodesOf(config), base, now, { rank: { of: effectiveRank, upTo: 8 } });
    expect(slices.filter((slice) => slice.moved > 0)).toMatchObject([
      { node: OUTSIDE, parameter: 'embed.W_E', moved: 4 },
      { node: 'a0', parameter: 'blocks.0.attn.b_O', from: 0, to: 8, moved: 1 },
      { node: 'a1.h0', parameter: 'blocks.1.attn.W_Q', from: 0, to: 4, numbers: 32, moved: 3, rank: 1 },
      { node: 'a1.h1', parameter: 'blocks.1.attn.W_Q', from: 4, to: 8, moved: Math.SQRT1_2, rank: 2 },
    ]);
    const nodes = nodeChanges(slices);
    expect(nodes.slice(0, 4).map(({ node, share }) => [node, Number(share.toFixed(6))])).toEqual([
      [OUTSIDE, Number((16 / 26.5).toFixed(6))],
      ['a1.h0', Number((9 / 26.5).toFixed(6))],
      ['a0', Number((1 / 26.5).toFixed(6))],
      ['a1.h1', Number((0.5 / 26.5).toFixed(6))],
    ]);
    expect(nodes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(nodes[1]!.relative).toBeCloseTo(3 / nodes[1]!.norm, 12);
  });

  it.each(Object.entries(configs))('counts every number of %s once, in both graphs', async (_, json) => {
    const any = parseConfig(json);
    for (const convention of ['eap-ig', 'circuit-tuning'] as const) {
      const slices = await sliceChanges(nodesOf(any, { convention }), numbered(json), numbered(json));
      expect(slices.reduce((sum, { numbers }) => sum + numbers, 0)).toBe(parameterCount(any));
      expect(slices.every(({ share, moved: far }) => share === 0 && far === 0)).toBe(true);
    }
  });

  it('leaves out ranks of slices that are too large', async () => {
    const rank = { of: effectiveRank, upTo: 4 };
    const slices = await sliceChanges(nodesOf(config), base, moved({}), { rank });
    const ranked = (parameter: string): boolean =>
      slices.some((slice) => slice.parameter === parameter && slice.rank !== undefined);
    expect([ranked('blocks.0.attn.W_Q'), ranked('blocks.0.mlp.W_in')]).toEqual([true, false]);
  });
});

describe('nodes by the names of a circuit file', () => {
  it.each(Object.entries(configs))('are those of %s', (_, json) => {
    const any = parseConfig(json);
    for (const options of [{}, { convention: 'circuit-tuning' }, { mlpBlock: 4 }] as const) {
      const nodes = nodesOf(any, options);
      expect(nodesNamed(any, { nodes, from: [], to: [] }, 'here')).toEqual(nodes);
    }
  });

  it('are not those of another model', () => {
    const other = nodesOf(parseConfig({ ...gpt2Config, n_layer: 3 }));
    expect(() => nodesNamed(config, { nodes: other, from: [], to: [] }, 'run')).toThrow(
      'run: must be a circuit of this model: 2 layers of 2 heads, got a graph of 10 sources and 22 reads. ' +
        'Take the model that the run was made with.',
    );
  });
});
