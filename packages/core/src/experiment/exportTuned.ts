/** A tuned model as files: a Hugging Face folder, and the small file of what changed. */
import type { LoraOptions } from '../tuning/lora.js';
import { DELTA, makeDelta } from '../io/delta.js';
import { bytesFile, exportModel } from '../io/hfExport.js';
import type { Model } from '../io/hfFolder.js';
import { peftAdapter } from '../io/peftAdapter.js';
import { parameterShapes } from '../model/parameters.js';
import type { Parameters } from '../model/weights.js';
import type { Nodes } from '../circuit/nodes.js';
import { nodeChanges, sliceChanges } from '../dynamics/sliceChanges.js';
import type { MovedEvent } from './events.js';
import type { Keeper } from './keeper.js';

/** Writes both below `model` and `delta`; `method` names the folder inside. Replaces what an interrupted export left. */
export async function exportTuned(
  keeper: Keeper,
  base: Model,
  tuned: Parameters,
  card: string,
  method?: string,
): Promise<void> {
  const at = (folder: string): string => (method === undefined ? folder : `${folder}/${method}`);
  await keeper.writeFolder(at('model'), await exportModel(base, tuned, card));
  const delta = await makeDelta(base.weights, tuned, keeper.sha256);
  await keeper.writeFolder(at('delta'), [bytesFile(DELTA, delta)]);
}

/** Writes adapters below `adapter`, as PEFT reads them; `read` gives their values by name. */
export async function exportAdapters(
  keeper: Keeper,
  base: Model,
  options: LoraOptions,
  read: (name: string) => Promise<Float32Array>,
  method?: string,
): Promise<void> {
  const folder = method === undefined ? 'adapter' : `adapter/${method}`;
  await keeper.writeFolder(folder, await peftAdapter(base.config, options, read, base.folder.name));
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

/** Where in the model the update lies so far: reads every parameter of both. */
export async function whereMoved(
  nodes: Nodes,
  base: Parameters,
  tuned: Parameters,
): Promise<Pick<MovedEvent, 'norm' | 'relative' | 'shares'>> {
  const changes = nodeChanges(await sliceChanges(nodes, base, tuned));
  const size = (of: 'norm' | 'moved'): number => Math.sqrt(changes.reduce((sum, it) => sum + it[of] ** 2, 0));
  const moved = changes.filter(({ share }) => share > 0);
  return {
    norm: size('moved'),
    relative: size('moved') / size('norm'),
    shares: Object.fromEntries(moved.map(({ node, share }) => [node, share])),
  };
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
