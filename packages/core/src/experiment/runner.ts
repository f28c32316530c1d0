/** What every part of a run does with the model as it is: measure it, have it answer, and before any tuning all there is. */
import { answersText, answerTask } from '../evaluation/answer.js';
import { measure } from '../evaluation/measure.js';
import { prejudice } from '../evaluation/prejudice.js';
import { textFile } from '../io/hfExport.js';
import type { Example } from '../task/example.js';
import { perplexity } from '../task/objective.js';
import type { Fact, GradedEvent, Kept, MetricEvent, PrejudiceValue, StabilityEvent } from './events.js';
import type { StabilitySection } from './experiment.js';
import { findCircuit, otherScores } from './findCircuit.js';
import type { Prepared } from './prepared.js';
import { stabilityFiles, stabilityTestOf } from './stabilityAsked.js';
import { testCircuit } from './testCircuit.js';
import { testStability } from './testStability.js';
import { abandonable, type Working } from './working.js';

/**
 * Before any tuning: the model's circuit, the base model's numbers, and how faithful circuits of several sizes are. The
 * circuit comes first because whoever watches can look at it while the rest is measured.
 */
export async function* before(run: Working): AsyncGenerator<Fact> {
  const found = await findCircuit(run, 'before');
  yield found.event;
  yield* otherScores(run, found);
  const base = await measureAll(run, abandonable(run, 'measuring the base model'));
  yield { kind: 'metric', step: 0, ...base };
  for (const method of run.prepared.experiment.tuning?.methods ?? [])
    yield { kind: 'metric', step: 0, method, ...base };
  yield* gradeAll(run, 'before');
  const { stability } = run.prepared.experiment;
  if (stability) yield await howStable(run, stability);
  // Told last: a run that was told it does not begin again.
  yield await testCircuit(run, found);
}

async function howStable(run: Working, section: StabilitySection): Promise<StabilityEvent> {
  const { model, prepared, keeper, signal, onProgress } = run;
  const found = await testStability(model, prepared, {
    ...stabilityTestOf(prepared, section),
    onProgress: (what, done, of) => {
      signal.throwIfAborted();
      onProgress(what, done, of);
    },
  });
  await keeper.writeFolder('stability', stabilityFiles(prepared, found));
  const { circuit, core, kept, jaccard } = found.record;
  return {
    kind: 'stability',
    when: 'before',
    stability: 'stability/stability.json',
    core: 'stability/core.json',
    edges: circuit.edges,
    core_edges: core.edges,
    kept,
    jaccard,
  };
}

/** Target metric and perplexity of what is to be kept, of the model as it is. */
export async function measureAll(
  { model, prepared }: Pick<Working, 'model' | 'prepared'>,
  onProgress?: (done: number, of: number) => void,
): Promise<Pick<MetricEvent, 'target' | 'keep' | 'prejudice'>> {
  const { batch_size: batchSize } = prepared.experiment.evaluation;
  const run = (examples: readonly Example[], metric: Prepared['metric']) =>
    measure(model, examples, { metric, batchSize, ...(onProgress && { onProgress }) });
  const { value, accuracy } = await run(prepared.target, prepared.metric);
  const keep: Record<string, Kept> = {};
  for (const [name, examples] of Object.entries(prepared.keep)) {
    const nll = (await run(examples, 'nll')).value;
    keep[name] = { nll, perplexity: perplexity(nll) };
  }
  const risks: Record<string, PrejudiceValue> = {};
  for (const [name, examples] of Object.entries(prepared.prejudice)) {
    const { risk, bias } = await prejudice(model, examples, { batchSize, ...(onProgress && { onProgress }) });
    risks[name] = {
      risk: risk.mean,
      ...(risk.margin !== undefined && { risk_margin: risk.margin }),
      bias: bias.mean,
      ...(bias.margin !== undefined && { bias_margin: bias.margin }),
    };
  }
  return {
    target: { value, ...(accuracy !== undefined && { accuracy }) },
    keep,
    ...(Object.keys(risks).length > 0 && { prejudice: risks }),
  };
}

/** Has the model as it is answer every graded task. */
export async function* gradeAll(run: Working, when: GradedEvent['when']): AsyncGenerator<GradedEvent> {
  const { model, prepared, keeper } = run;
  const { data, evaluation } = prepared.experiment;
  for (const [name, rows] of Object.entries(prepared.graded)) {
    const { rule, max_new_tokens: maxNewTokens, stop } = data.graded![name]!;
    const answered = await answerTask(model, prepared.base.tokenizer!, rows, {
      rule,
      maxNewTokens,
      stop,
      batchSize: evaluation.batch_size,
      onProgress: abandonable(run, `writing answers: ${name}`),
    });
    const path = `graded/${when.replace(/^after:/, '')}/${name}.jsonl`;
    await keeper.write([textFile(path, answersText(answered.rows))]);
    yield { kind: 'graded', when, name, ...answered.grades, answers: path };
  }
}
