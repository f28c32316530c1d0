/** One method of an experiment: tune from the base, measure on the way, save, and say what came of it. */
import { nodeCount } from '../circuit/circuit.js';
import { methodOf, type Method } from '../tuning/methods/index.js';
import { Tuning } from '../tuning/tune.js';
import type { TuneOptions } from '../tuning/tuneOptions.js';
import { parameterCount } from '../model/parameters.js';
import { attributionOf, bootstrapOf } from './attribution.js';
import { latestCheckpoint, saveCheckpoint, stepName } from './checkpoint.js';
import type { Fact, SearchEvent } from './events.js';
import type { TuningSection } from './experiment.js';
import { countMoved, exportAdapters, exportTuned, modelCard, whereMoved } from './exportTuned.js';
import type { Prepared } from './prepared.js';
import { findCircuit, otherScores, writeCircuit } from './findCircuit.js';
import { gradeAll, measureAll } from './runner.js';
import { testCircuit } from './testCircuit.js';
import type { Running } from './working.js';
import { searchFigures } from './searchFigures.js';

/** The keys of a tuning section as the engine takes them. */
export function optionsOf(prepared: Prepared, tuning: TuningSection, method: Method): TuneOptions {
  const { experiment, search, topN, select, forwardBytes } = prepared;
  return {
    method,
    steps: tuning.steps,
    batchSize: tuning.batch_size,
    accumulation: tuning.accumulation,
    seed: experiment.seed,
    objective: tuning.objective,
    ...(tuning.p !== undefined && { p: tuning.p }),
    ...(tuning.bias_penalty !== undefined && { biasPenalty: tuning.bias_penalty }),
    optimizer: tuning.optimizer,
    lr: tuning.learning_rate!, // filled in by prepare
    momentum: tuning.momentum,
    betas: tuning.betas,
    eps: tuning.eps,
    weightDecay: tuning.weight_decay,
    maxNorm: tuning.max_norm,
    warmupSteps: tuning.warmup_steps,
    schedule: tuning.schedule,
    ...(methodOf(method).takesExtra && tuning.extra !== undefined && { extra: tuning.extra }),
    ...(tuning.lora && { lora: tuning.lora }),
    ...(methodOf(method).searches !== 'never' && {
      search: {
        ...attributionOf(prepared),
        topN: tuning.top_n ?? topN,
        select,
        bootstrap: bootstrapOf(prepared),
        every: tuning.every,
        ...(forwardBytes !== undefined && { forwardBytes }),
        ...(tuning.search_on === 'task' && {
          examples: search,
          ...(tuning.search_sample !== undefined && { sample: tuning.search_sample }),
        }),
      },
    }),
  };
}

/** Goes on from the newest checkpoint of the method, if there is one. */
export async function* runMethod(run: Running, method: Method, isOnly: boolean): AsyncGenerator<Fact> {
  const { model, prepared, keeper, log, clock, signal } = run;
  const { base } = prepared;
  const tuning = prepared.experiment.tuning!;
  const { steps } = tuning;
  const every = { evaluate: tuning.evaluate_every!, save: tuning.save_every! }; // filled in by prepare
  const engine = new Tuning(model, prepared.train, optionsOf(prepared, tuning, method));
  const from = await latestCheckpoint(keeper, method, prepared.nodes);
  await model.writeAll(base.weights);
  engine.tuner.clearState();
  if (from) await from.restore(model, engine);
  const started = clock.seconds - (from?.seconds ?? 0);
  const seconds = (): number => clock.seconds - started;
  let tunedMax = from?.tunedMax ?? 0;
  // of the random circuits what was found counts, not what was drawn
  let previous = from?.state.found;

  // After these steps the parameters are looked at.
  const isLooked = (step: number): boolean => step % every.evaluate === 0 || step % every.save === 0;
  try {
    for await (const event of engine.run((step) => run.isAhead && !signal.aborted && !isLooked(step))) {
      tunedMax = Math.max(tunedMax, event.tuned);
      if (event.kind === 'search') {
        const { circuit, scores, tuned, jaccardFirst, jaccardPrevious } = event;
        const path = `circuits/${method}/${stepName(event.step)}.json`;
        await writeCircuit(keeper, path, circuit, scores, { metric: prepared.metric, method, step: event.step });
        const { found, first } = engine.state;
        const fact: SearchEvent = {
          kind: 'search',
          step: event.step,
          method,
          circuit: path,
          edges: circuit.edges.length,
          nodes: nodeCount(circuit),
          tuned,
          jaccard_first: jaccardFirst,
          jaccard_previous: jaccardPrevious,
          metric: scores.metric,
          ...searchFigures({ found: found!, first: first!, previous }, scores.values),
        };
        previous = found;
        yield fact;
        continue;
      }
      const { step, loss, lr, tuned, gradNorm } = event;
      // first: whoever pauses at this event would be told of the step before until they go on
      run.onProgress(`tuning: ${method}`, step, steps);
      yield { kind: 'step', step, method, loss, lr, tuned, ...(gradNorm !== undefined && { grad_norm: gradNorm }) };
      if (step % every.evaluate === 0 || step === steps) {
        await engine.settle();
        yield { kind: 'metric', step, method, ...(await measureAll(run)) };
      }
      // The device is past this step: whoever aborts is heard at the next.
      if (engine.isAhead) continue;
      // A search is redone with the step after it, so a run stops and is saved after steps only.
      if (signal.aborted || step % every.save === 0 || step === steps) {
        await engine.settle();
        // not where a run was stopped in between: it goes on, and then tells the same as one that was not
        if (step % every.save === 0 || step === steps)
          yield { kind: 'moved', step, method, ...(await whereMoved(prepared.nodes, base.weights, model)) };
        await saveCheckpoint(keeper, method, model, engine, {
          events: log.size,
          seconds: seconds(),
          tunedMax,
          kept: tuning.keep_checkpoints,
        });
      }
      if (step < steps) signal.throwIfAborted();
    }
  } finally {
    engine.tuner.dispose();
  }

  const found = await findCircuit(run, `after:${method}`);
  yield found.event;
  yield* otherScores(run, found);
  yield await testCircuit(run, found);
  yield* gradeAll(run, `after:${method}`);
  const moved = await countMoved(base, model);
  const { name } = prepared.experiment;
  const card = modelCard({ name, basePath: base.folder.name, method, steps, moved, of: parameterCount(base.config) });
  const folder = isOnly ? undefined : method;
  await exportTuned(keeper, base, model, card, folder);
  const { adapters } = engine.state;
  if (adapters) await exportAdapters(keeper, base, adapters, (it) => model.session.read(it), folder);
  yield { kind: 'done', method, moved, tuned_max: tunedMax, steps, seconds: seconds() };
}
