/**
 * How much of what a model does a circuit does alone. Its metric always comes with its scale: the whole model, the model with
 * every edge ablated, and random circuits of the same size.
 */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Example } from '../task/example.js';
import { Random } from '../task/random.js';
import type { Circuit } from '../circuit/circuit.js';
import { openPatched, type PatchOptions } from './patchedModel.js';
import { randomEdges } from '../circuit/randomCircuit.js';

export interface FaithfulnessOptions extends PatchOptions {
  /** Random circuits of the same size to compare with. */
  readonly controls?: number;
  readonly seed?: number;
}

export interface Faithfulness {
  readonly edges: number;
  /** The metric of the whole model, of the circuit alone, and with every edge ablated. */
  readonly clean: number;
  readonly circuit: number;
  readonly ablated: number;
  /** (circuit − ablated) / (clean − ablated) of the means. */
  readonly faithfulness: number;
  /** The same of random circuits with as many edges. */
  readonly random: readonly number[];
}

/** Faithfulness of several circuits of one graph. */
export async function faithfulness(
  model: DeviceModel,
  examples: readonly Example[],
  circuits: readonly Circuit[],
  options: FaithfulnessOptions,
): Promise<Faithfulness[]> {
  const { controls = 3, seed = 0 } = options;
  const { nodes } = circuits[0]!;
  const { clean, ablated, metricOf, share } = await openPatched(model, examples, nodes, options);
  const results: Faithfulness[] = [];
  for (const [i, circuit] of circuits.entries()) {
    const value = await metricOf(circuit);
    const random: number[] = [];
    for (let c = 0; c < controls; c++)
      random.push(share(await metricOf(randomEdges(nodes, circuit.edges.length, new Random(seed, c)))));
    results.push({ edges: circuit.edges.length, clean, circuit: value, ablated, faithfulness: share(value), random });
    options.onProgress?.(i + 1, circuits.length);
  }
  return results;
}
