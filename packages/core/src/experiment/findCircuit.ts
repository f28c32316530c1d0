/** The circuit of the model as it is: searched, written down, and with it what else is asked of scores. */
import { compileAttribute } from '../attribution/attribute.js';
import type { Scores } from '../attribution/scores.js';
import { rehearseSearch, searchCircuit, type SearchCircuitOptions } from '../attribution/searchCircuit.js';
import { nodeCount, type Circuit } from '../circuit/circuit.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { attributionMeta, attributionOf, bootstrapOf } from './attribution.js';
import { circuitFiles } from './circuitFiles.js';
import type { CircuitEvent, ScoresEvent } from './events.js';
import type { Keeper } from './keeper.js';
import type { Prepared } from './prepared.js';
import { asksParts, scorePartsOf } from './scoreParts.js';
import { abandonable, type Working } from './working.js';

export const CIRCUIT_BEFORE = 'circuits/before.json';

export interface Found {
  readonly event: CircuitEvent;
  readonly circuit: Circuit;
  readonly scores: Scores;
}

const discovery = (prepared: Prepared): SearchCircuitOptions => ({
  ...attributionOf(prepared),
  topN: prepared.topN,
  select: prepared.select,
  bootstrap: bootstrapOf(prepared),
  batchSize: prepared.experiment.discovery.batch_size,
});

/** Compiles what a run does first, for whoever expects that it will be asked for: nothing runs, and no bit of it changes. */
export const compileFirst = (model: DeviceModel, prepared: Prepared): Promise<void> =>
  compileAttribute(model, prepared.search, {
    ...discovery(prepared),
    perExample: prepared.select.rule === 'stable' || prepared.experiment.discovery.per_example,
  });

/** What the first search allocates; `count` is that of all examples, where `search` holds the longest alone. */
export const rehearseFirst = (model: DeviceModel, prepared: Prepared, count?: number): Promise<void> =>
  rehearseSearch(
    model,
    prepared.search,
    { ...discovery(prepared), perExample: prepared.experiment.discovery.per_example },
    count,
  );

/** The circuit of the model as it is, found and written down. */
export async function findCircuit(run: Working, when: CircuitEvent['when']): Promise<Found> {
  const { model, prepared, keeper } = run;
  const label = when === 'before' ? 'finding the circuit' : 'finding the circuit again';
  const { circuit, scores } = await searchCircuit(model, prepared.search, {
    ...discovery(prepared),
    ...(prepared.experiment.discovery.per_example && { perExample: true }),
    onProgress: abandonable(run, label),
  });
  const path = when === 'before' ? CIRCUIT_BEFORE : `circuits/${when.replace(':', '-')}.json`;
  await writeCircuit(keeper, path, circuit, scores, attributionMeta(prepared));
  const edges = circuit.edges.length;
  const event: CircuitEvent = {
    kind: 'circuit',
    when,
    circuit: path,
    edges,
    nodes: nodeCount(circuit),
    metric: scores.metric,
  };
  return { event, circuit, scores };
}

/** Scores of other things than edges, where they are asked for. */
export async function* otherScores(run: Working, { event, circuit, scores }: Found): AsyncGenerator<ScoresEvent> {
  const { model, prepared, keeper } = run;
  if (!asksParts(prepared.experiment.discovery)) return;
  const tell = (what: string) => abandonable(run, what);
  const { files } = await scorePartsOf(model, prepared, { circuit, scores }, tell);
  const folder = `scores/${event.when.replace(':', '-')}`;
  await keeper.writeFolder(folder, Object.values(files).flat());
  const paths = Object.entries(files).map(([what, [first]]) => [what, `${folder}/${first!.name}`]);
  yield { kind: 'scores', when: event.when, ...(Object.fromEntries(paths) as Partial<ScoresEvent>) };
}

export async function writeCircuit(
  keeper: Keeper,
  path: string,
  circuit: Circuit,
  scores: Scores,
  meta: Readonly<Record<string, string | number>>,
): Promise<void> {
  const names = { graph: path, scores: path.replace('.json', '.safetensors') };
  await keeper.write(circuitFiles(names, circuit, scores, meta));
}
