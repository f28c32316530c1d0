/**
 * Whole layers, attention and MLP: those whose nodes the edges of the circuit touch with the largest sum of |score|, as many
 * as come nearest to the circuit's number of parameters, at least one. A layer is a coarse unit: the number is met to
 * within half a layer.
 */
import { tunedParameters } from '../../circuit/slices.js';
import { layerOf, ownableSlices, sizesOf, upTo } from './ownable.js';
import type { TuningMethod } from './method.js';

export const layers: TuningMethod = {
  searches: 'every',
  about: 'the layers that hold most of the circuit, whole',
  choose({ found, scores }) {
    const { nodes } = found;
    const strength = new Float64Array(nodes.config.L);
    const add = (name: string, score: number): void => {
      const [, layer] = /^[am](\d+)/.exec(name) ?? [];
      if (layer !== undefined) strength[Number(layer)]! += score;
    };
    for (const edge of found.edges) {
      const score = Math.abs(scores[edge]!);
      add(nodes.sources[Math.floor(edge / nodes.reads.length)]!, score);
      add(nodes.reads[edge % nodes.reads.length]!, score);
    }
    const size = sizesOf(nodes.config);
    const slices = ownableSlices(nodes);
    const whole = Array.from(strength, (_, layer) => slices.filter((slice) => layerOf(slice) === layer));
    const order = whole.map((_, layer) => layer).toSorted((a, b) => strength[b]! - strength[a]! || a - b);
    const sizeOfLayer = (of: number): number => whole[of]!.reduce((sum, slice) => sum + size(slice), 0);
    const chosen = upTo(order, tunedParameters(found), sizeOfLayer);
    return { circuit: found, slices: chosen.flatMap((layer) => whole[layer]!) };
  },
};
