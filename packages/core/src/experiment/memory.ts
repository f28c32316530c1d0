/** What an experiment takes of a device's memory, from its own tasks, before anything is allocated. */
import { memoryOf, type MemoryFacts, type MemoryUse } from '../memory.js';
import { Tuning } from '../tuning/tune.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { longest, type Example } from '../task/example.js';
import { memoryKeeper } from './keeper.js';
import { isCounted } from '../circuit/select.js';
import type { Prepared } from './prepared.js';
import { optionsOf } from './runMethod.js';
import { before, rehearseFirst } from './runner.js';

/** Batches of each part that are looked at: a second one shows what is kept between them. */
const BATCHES = 2;
/** Steps of each method: with two searches, so that a second circuit has states too. */
const STEPS = 2;

/** @throws LimitError where the device cannot do it at all. */
export function experimentMemory(prepared: Prepared, facts: MemoryFacts): Promise<MemoryUse> {
  const { dtype } = prepared.experiment;
  return memoryOf(prepared.base.config, { ...facts, dtype }, (model) => rehearse(model, shortened(prepared)));
}

/** The parts of a run, one after the other, as far as they allocate. */
async function rehearse(model: DeviceModel, prepared: Prepared): Promise<void> {
  const keeper = { ...memoryKeeper(() => Promise.resolve('')), write: () => Promise.resolve() };
  const signal = { aborted: false, throwIfAborted: () => {} };
  const run = { model, prepared, keeper, signal, onProgress: () => {} };
  if (!isCounted(prepared.select.rule)) await rehearseFirst(model, prepared);
  // Of scores that are all nought such a rule would keep nothing.
  const counted = isCounted(prepared.select.rule) ? prepared : { ...prepared, select: { rule: 'top-n' } as const };
  const facts = before({ ...run, prepared: counted });
  while (!(await facts.next()).done);
  const { tuning } = prepared.experiment;
  for (const method of tuning?.methods ?? []) {
    const options = optionsOf(counted, tuning!, method);
    const events = new Tuning(model, prepared.train, {
      ...options,
      steps: STEPS,
      ...(options.search && { search: { ...options.search, every: 1, maxMinutes: Infinity } }),
    }).run();
    while (!(await events.next()).done);
  }
}

/** Few examples, the longest first: they alone say how large batches become. */
function shortened(prepared: Prepared): Prepared {
  const { experiment, search, train, target, pairs, keep } = prepared;
  const { discovery, tuning, evaluation } = experiment;
  const some = (examples: readonly Example[], batch: number): Example[] => longest(examples, BATCHES * batch);
  return {
    ...prepared,
    // What else is asked of scores and circuits takes no more than what is rehearsed: the same programs, run again.
    experiment: {
      ...experiment,
      discovery: { ...discovery, max_minutes: Infinity, nodes: false, by_position: undefined, per_example: false },
      evaluation: { ...evaluation, completeness: false, minimality: undefined, exact: false },
      stability: undefined,
    },
    search: some(search, discovery.batch_size),
    train: some(train, (tuning?.batch_size ?? 1) * (tuning?.accumulation ?? 1)),
    target: some(target, evaluation.batch_size),
    pairs: some(pairs, evaluation.batch_size),
    keep: Object.fromEntries(
      Object.entries(keep).map(([name, examples]) => [name, some(examples, evaluation.batch_size)]),
    ),
  };
}
