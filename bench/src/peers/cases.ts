/** A training step of the same size by this project and by others, as cases to be timed in turn. */
import type { Kernel, ModelConfig } from '@circuit-tuning/core';
import type { Gpu } from '@circuit-tuning/testkit';
import type { Case } from '../sampling.js';
import { stepCases } from '../step/cases.js';
import { loadRandom, randomExamples } from '../step/randomModel.js';
import { message, type Peer, type PeerName } from './open.js';

export interface Steps {
  readonly cases: readonly Case[];
  dispose(): void;
}

/** One step of Adam on all parameters of a GPT-2, on B examples of T tokens; all cases have run once. */
export async function peerSteps(
  gpu: Gpu,
  kernels: readonly Kernel[],
  peers: ReadonlyMap<PeerName, Peer>,
  { config, B, T, say }: { config: ModelConfig; B: number; T: number; say: (line: string) => void },
): Promise<Steps> {
  const model = await loadRandom(gpu, kernels, config);
  const examples = (count: number) => randomExamples(config, { T, count });
  const [full] = await stepCases(model, ['full'], { B, optimizer: 'adamw', ablation: 'zero' }, examples);
  const cases: Case[] = [{ ...full!, name: 'ours' }];
  for (const [name, { step }] of peers) if (step) cases.push({ name, run: later(() => step({ ...config, B, T })) });
  return {
    cases: await willing(cases, say),
    dispose() {
      model.dispose();
      model.session.dispose();
    },
  };
}

/** Opens it when it is first run, so that a library that fails at that fails like one that fails at running. */
export function later(open: () => (() => Promise<unknown>) | Promise<() => Promise<unknown>>): () => Promise<void> {
  let opened: Promise<() => Promise<unknown>> | undefined;
  return async () => {
    opened ??= Promise.resolve(open());
    await (
      await opened
    )();
  };
}

/** Some never return on some adapters; compiling takes a minute on a busy machine without a GPU. */
const PATIENCE_MS = 240_000;

/** Those that run, each warm. */
export async function willing(cases: readonly Case[], say: (line: string) => void): Promise<Case[]> {
  const found: Case[] = [];
  for (const aCase of cases) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    });
    try {
      await Promise.race([aCase.run(), late]);
      found.push(aCase);
    } catch (error) {
      say(`${aCase.name} is left out: ${message(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }
  return found;
}
