/** What a circuit can be put to besides faithfulness, each where it is asked for: one code for a command and for a run. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Example } from '../task/example.js';
import { exactScores, rehearseExact } from '../attribution/exact.js';
import type { Circuit } from '../circuit/circuit.js';
import { allEdges, type Nodes } from '../circuit/nodes.js';
import { completeness, minimality, type Minimality } from './minimality.js';
import { openPatched, type PatchedModel, type PatchOptions } from './patchedModel.js';
import { comparePredicted, exactEffects, stratifiedEdges, type Predicted } from './predicted.js';

export interface TestsAsked {
  readonly completeness?: boolean | undefined;
  /** The share below which an edge counts as needless. */
  readonly minimality?: number | undefined;
  readonly exact?: boolean | undefined;
  /** Of minimality and exact: so many edges only, drawn by seed. */
  readonly sample?: number | undefined;
  readonly seed: number;
}

export interface TestsFound {
  /** Faithfulness of the edges that the circuit leaves out. */
  readonly completeness?: number;
  readonly minimality?: Minimality;
  readonly exact?: Predicted;
}

/** Passes over the examples, by test: of `exact` without a sample, undefined, for many edges run at once. */
export function testPasses(circuit: Circuit, asked: TestsAsked): Partial<Record<keyof TestsFound, number | undefined>> {
  const sampled = (of: number): number => 1 + Math.min(of, asked.sample ?? of);
  return {
    ...(asked.completeness && { completeness: 1 }),
    ...(asked.minimality !== undefined && { minimality: sampled(circuit.edges.length) }),
    ...(asked.exact && { exact: asked.sample === undefined ? undefined : sampled(circuit.nodes.edgeCount) }),
  };
}

/** What the tests allocate, and faithfulness and its curve: one plan serves every circuit of them all, but for exact effects. */
export async function rehearseTests(
  model: DeviceModel,
  examples: readonly Example[],
  nodes: Nodes,
  options: PatchOptions,
  { exact, sample }: Pick<TestsAsked, 'exact' | 'sample'>,
): Promise<void> {
  await openPatched(model, examples, nodes, options);
  if (exact && sample === undefined) await rehearseExact(model, examples, { ...options, nodes });
}

/**
 * @param patched the model over these examples, with these options.
 * @param tell reports progress of what is named to it.
 */
export async function testsOf(
  model: DeviceModel,
  examples: readonly Example[],
  patched: PatchedModel,
  { circuit, scores }: { readonly circuit: Circuit; readonly scores: ArrayLike<number> },
  options: PatchOptions,
  asked: TestsAsked,
  tell: (what: string) => (done: number, of: number) => void,
): Promise<TestsFound> {
  const { nodes } = circuit;
  const { sample, seed, minimality: tolerance } = asked;
  const exact = async (): Promise<Predicted> => {
    const onCut = tell('cutting edges');
    if (sample === undefined) {
      // Whoever waits was told what it costs, or can stop it: no limit of minutes.
      const how = { ...options, nodes, maxMinutes: Infinity, onProgress: onCut };
      const { values } = await exactScores(model, examples, how);
      const all = [...allEdges(nodes)];
      const effects = all.map((edge) => values[edge]!);
      return comparePredicted(circuit, scores, all, effects);
    }
    const tested = stratifiedEdges(nodes, scores, Math.min(sample, nodes.edgeCount), seed);
    return comparePredicted(circuit, scores, tested, await exactEffects(patched, tested, onCut));
  };
  return {
    ...(asked.completeness && { completeness: await completeness(patched, circuit) }),
    ...(tolerance !== undefined && {
      minimality: await minimality(patched, circuit, {
        tolerance,
        ...(sample !== undefined && { sample }),
        seed,
        onProgress: tell('minimality'),
      }),
    }),
    ...(asked.exact && { exact: await exact() }),
  };
}
