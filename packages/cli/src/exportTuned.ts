/** A tuned model on disk: a Hugging Face folder, and the small file of what changed. */
import {
  bytesFile,
  DELTA,
  exportModel,
  makeDelta,
  parameterShapes,
  type Model,
  type Parameters,
} from '@circuit-tuning/core';
import { sha256, writeFolder } from './files.js';

export interface ExportPlaces {
  readonly model: string;
  readonly delta: string;
}

/** Replaces what an interrupted export left there. */
export async function exportTuned(base: Model, tuned: Parameters, places: ExportPlaces, card: string): Promise<void> {
  await writeFolder(places.model, await exportModel(base, tuned, card), { replace: true });
  const delta = bytesFile(DELTA, await makeDelta(base.weights, tuned, sha256));
  await writeFolder(places.delta, [delta], { replace: true });
}

/** How many parameters have another value than in the base. A bit is a difference. */
export async function countMoved(base: Model, tuned: Parameters): Promise<number> {
  let moved = 0;
  for (const { name } of parameterShapes(base.config)) {
    const [before, after] = [await base.weights.read(name), await tuned.read(name)].map(
      (values) => new Uint32Array(values.buffer, values.byteOffset, values.length),
    ) as [Uint32Array, Uint32Array];
    for (let i = 0; i < after.length; i++) if (before[i] !== after[i]) moved++;
  }
  return moved;
}

export interface CardFacts {
  readonly name: string;
  readonly basePath: string;
  readonly method: string;
  readonly steps: number;
  readonly moved: number;
  readonly of: number;
}

/** The README.md of the exported folder. */
export const modelCard = ({ name, basePath, method, steps, moved, of }: CardFacts): string => `---
tags: [circuit-tuning]
---
# ${name}, tuned by circuit-tuning

- base model: \`${basePath}\`
- method: \`${method}\`, ${steps} steps
- parameters moved: ${moved.toLocaleString('en')} of ${of.toLocaleString('en')}

Only parameters of a circuit were tuned where the method is \`circuit\`, \`fixed\` or \`random\`; all others have the bits of
the base. The run's experiment.yaml and manifest.json say how it was made.
`;
