/** What every part of a run does with the model as it is: measure it, find its circuit, and test that. */
import { compileAttribute } from '../attribution/attribute.js';
import { jaccard, nodeCount, type Circuit } from '../circuit/circuit.js';
import { fromGraphJson } from '../circuit/circuitJson.js';
import { answersText, answerTask } from '../evaluation/answer.js';
import { testsOf, type TestsFound } from '../evaluation/circuitTests.js';
import { faithfulnessCurves, mibResults } from '../evaluation/curve.js';
import { faithfulness } from '../evaluation/faithfulness.js';
import { measure } from '../evaluation/measure.js';
import { openPatched } from '../evaluation/patchedModel.js';
import { prejudice } from '../evaluation/prejudice.js';
import type { Scores } from '../attribution/scores.js';
import { rehearseSearch, searchCircuit, type SearchCircuitOptions } from '../attribution/searchCircuit.js';
import { isCounted, selectEdges } from '../circuit/select.js';
import { textFile } from '../io/hfExport.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Example } from '../task/example.js';
import { perplexity } from '../task/objective.js';
import { attributionMeta, attributionOf, bootstrapOf } from './attribution.js';
import { circuitFiles } from './circuitFiles.js';
import type { Clock } from './clock.js';
import type { EventLog } from './eventLog.js';
import type {
  CircuitEvent,
  Fact,
  FaithfulnessEvent,
  GradedEvent,
  Kept,
  MetricEvent,
  PrejudiceValue,
  ScoresEvent,
  StabilityEvent,
} from './events.js';
import type { StabilitySection } from './experiment.js';
import { keptText, type Keeper } from './keeper.js';
import type { Prepared } from './prepared.js';
import { asksParts, scorePartsOf } from './scoreParts.js';
import { stabilityFiles, stabilityTestOf } from './stabilityAsked.js';
import { testStability } from './testStability.js';

const CIRCUIT_BEFORE = 'circuits/before.json';
const TESTS = 'tests.json';

/** What parts of a run need. */
export interface Working {
  readonly model: DeviceModel;
  readonly prepared: Prepared;
  readonly keeper: Keeper;
  readonly signal: Pick<AbortSignal, 'aborted' | 'throwIfAborted'>;
  /** How far a long piece of work is; throws where it shall stop. */
  readonly onProgress: (what: string, done: number, of: number) => void;
}

export interface Running extends Working {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Steps may be sent before the ones before them are told. */
  readonly isAhead: boolean;
}

/** Reports progress of work that can be thrown away. */
export const abandonable =
  ({ signal, onProgress }: Working, what: string) =>
  (done: number, of: number): void => {
    signal.throwIfAborted();
    onProgress(what, done, of);
  };

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

/** How faithful the circuit is that was found. */
export async function testCircuit(run: Working, { event, circuit, scores }: Found): Promise<FaithfulnessEvent> {
  const { model, prepared, keeper } = run;
  const { discovery, evaluation, seed } = prepared.experiment;
  const { nodes, metric, pairs, select } = prepared;
  const { when, circuit: path } = event;
  const sizes = evaluation.faithfulness;
  // Afterwards one size is enough: the curve says what a circuit is, this says whether there still is one.
  const circuits =
    when === 'before' && sizes
      ? sizes.map((size) => selectEdges(nodes, scores.values, size, select, scores.interval))
      : sizes?.length === 0
        ? []
        : [circuit];
  const { ablation } = discovery;
  const { controls } = evaluation;
  const options = { metric, ablation, batchSize: evaluation.batch_size };
  const drawn = (what: string) => ({ controls, seed, onProgress: abandonable(run, what) });
  const rows =
    circuits.length === 0
      ? []
      : await faithfulness(model, pairs, circuits, { ...options, ...drawn('testing circuits') });
  if (when === 'before') {
    const { rule } = select;
    const { completeness, minimality, exact, sample } = evaluation;
    const drawsCurve = evaluation.curve && isCounted(rule);
    const isTested = completeness || minimality !== undefined || exact;
    if (!drawsCurve && !isTested) return { kind: 'faithfulness', when, circuit: path, rows };
    const patched = await openPatched(model, pairs, nodes, options);
    const curve = drawsCurve
      ? await faithfulnessCurves(patched, scores.values, { rule, ...drawn('drawing the faithfulness curve') })
      : undefined;
    if (curve)
      await keeper.writeFolder(
        'mib',
        Object.entries(mibResults(curve)).map(([name, it]) => textFile(name, `${JSON.stringify(it, null, 2)}\n`)),
      );
    const found = { circuit, scores: scores.values };
    const asked = { completeness, minimality, exact, sample, seed };
    const tell = (what: string) => abandonable(run, what);
    const tests = isTested ? await testsOf(model, pairs, patched, found, options, asked, tell) : undefined;
    if (tests) await keeper.write([textFile(TESTS, `${JSON.stringify(tests)}\n`)]);
    return {
      kind: 'faithfulness',
      when,
      circuit: path,
      rows,
      ...(curve && { curve }),
      ...(tests && { ...toldOf(tests), tests: TESTS }),
    };
  }
  const first = (await keptText(keeper, CIRCUIT_BEFORE)) ?? '';
  const then = fromGraphJson(first, nodes, `${keeper.name}/${CIRCUIT_BEFORE}`).circuit;
  return { kind: 'faithfulness', when, circuit: path, jaccard_before: jaccard(circuit, then), rows };
}

/** What an event tells of tests: all but the lists of edges, which have a file. */
function toldOf({ completeness, minimality, exact }: TestsFound): Partial<FaithfulnessEvent> {
  const told: { -readonly [Key in 'completeness' | 'minimality' | 'exact']?: FaithfulnessEvent[Key] } = {};
  if (completeness !== undefined) told.completeness = completeness;
  if (minimality) {
    const { tolerance, tested, needless } = minimality;
    told.minimality = { tolerance, tested, needless };
  }
  if (exact) {
    const { edges: _, false_negatives: missed, ...agreement } = exact;
    told.exact = { ...agreement, false_negatives: missed.length };
  }
  return told;
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
