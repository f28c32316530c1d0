/** `circuit-tuning evaluate`: what a model does on a task, and how much of it a circuit does alone. */
import {
  ablations,
  ConfigError,
  measure,
  metricFor,
  metrics,
  mibResults,
  perplexity,
  prejudice,
  requireGroups,
  requireMetric,
  requirePairs,
  type Ablation,
  type AnsweredTask,
  type Curves,
  type DeviceModel,
  type Example,
  type GradedRow,
  type Measured,
  type Metric,
  type Model,
  type Prejudice,
  type Profiler,
} from '@circuit-tuning/core';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { readCircuit, type GivenCircuit } from './circuitFile.js';
import { circuitTables, everyTest, type CircuitTests, type TestFlags } from './circuitTests.js';
import { printJson, tellWarnings } from './conduct.js';
import { addDType, type DTypeFlag } from './dtype.js';
import { writeFile } from './files.js';
import { addGrading, graded, gradeTable, ofGrading, readToGrade, type GradeFlags } from './grading.js';
import { interruptible } from './interrupt.js';
import { addMemory, requireBudget, shorterThan, type MemoryFlag } from './memoryBudget.js';
import { openNodeModel } from './nodeModel.js';
import { openBase, readTaskFile } from './prepare.js';
import { addPrecision, type PrecisionFlag } from './precision.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { createProgress } from './progress.js';
import { rehearseEvaluate, type Evaluated } from './rehearsals.js';
import { number, percent, table, withMargin } from './table.js';
import { count, positive } from './values.js';

interface EvaluateFlags extends TestFlags, GradeFlags, ProfileFlag, MemoryFlag, PrecisionFlag, DTypeFlag {
  readonly model: string;
  readonly task: string;
  readonly circuit?: string;
  readonly metric?: Metric;
  readonly ablation: Ablation;
  readonly batchSize: number;
  readonly limit?: number;
  readonly prejudice?: true;
  readonly flip?: true;
  readonly results?: string;
  readonly json?: true;
}

export function addEvaluate(program: Command): void {
  const all = program
    .command('evaluate')
    .description('measure loss, perplexity and the metric of a task; with a circuit, its faithfulness')
    .requiredOption('--model <folder>', "model folder, 'embedded', or org/name in the Hugging Face cache")
    .requiredOption('--task <file>', 'task file (JSONL)')
    .option('--circuit <graph.json>', 'circuit to test, as discover writes it')
    .addOption(new Option('--metric <name>', 'default: what suits the task').choices(metrics))
    .addOption(
      new Option('--ablation <kind>', 'what takes the place of cut edges').choices(ablations).default('patching'),
    )
    .option('--controls <n>', 'random circuits of the same size to compare with', count('--controls', 0), 3)
    .option('--curve', "faithfulness over MIB's fractions of the edges, with CPR and CMD")
    .addOption(
      new Option('--select <rule>', 'of --curve: how edges are taken')
        .choices(['top-n', 'greedy', 'node-weighted'])
        .default('top-n'),
    )
    .option('--results <folder>', "of --curve: write MIB's results there, abs-False.json (CPR) and abs-True.json (CMD)")
    .option('--completeness', 'faithfulness of the edges that the circuit leaves out')
    .option('--minimality <share>', 'edges whose removal changes less than this share', positive('--minimality'))
    .option('--exact', 'compare scores with what the metric loses when an edge is cut')
    .option('--sample <n>', 'of --minimality and --exact: so many edges only', count('--sample', 1))
    .option('--seed <n>', 'of random circuits and samples', count('--seed', 0), 0)
    .option('--batch-size <n>', 'examples of a batch', count('--batch-size', 1), 16)
    .option('--prejudice', 'prejudice risk: how far good and bad are from equal, by the `group` of the rows')
    .option('--limit <n>', 'the first examples only', count('--limit', 1))
    .option('--flip', 'swap right and wrong answers')
    .option('--json', 'print it for machines');
  addMemory(addProfile(addDType(addPrecision(addGrading(all))))).action(
    async (flags: EvaluateFlags, command: Command) => {
      const profiler = profilerOf(flags);
      requireEffects(flags, (flag) => command.getOptionValueSource(flag) === 'cli');
      const result = await evaluate(flags, profiler);
      if (flags.results !== undefined) await writeResults(flags.results, result.curve!);
      if (flags.json) printJson(withProfile(result.json, profiler));
      else process.stdout.write(result.text);
      await tellProfile(profiler, { isJson: flags.json === true });
    },
  );
}

/** @throws ConfigError for a flag that nothing would come of. */
function requireEffects(flags: EvaluateFlags, isGiven: (flag: string) => boolean): void {
  const require = (has: boolean, other: string, names: readonly string[]): void => {
    const idle = has ? undefined : names.find(isGiven);
    if (idle === undefined) return;
    const rule = `takes effect only with ${other}`;
    const flag = idle.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new ConfigError({ where: `--${flag}`, rule, got: 'nothing', cure: 'Leave it out' });
  };
  const ofCircuits = ['ablation', 'controls', 'seed', 'curve', 'completeness', 'minimality', 'exact'];
  require(flags.circuit !== undefined, '--circuit', ofCircuits);
  require(flags.grade !== undefined, '--grade', ofGrading);
  require(flags.curve === true, '--curve', ['select', 'results']);
  require(flags.minimality !== undefined || flags.exact === true, '--minimality or --exact', ['sample']);
}

async function writeResults(folder: string, curve: Curves): Promise<void> {
  for (const [name, result] of Object.entries(mibResults(curve)))
    await writeFile(join(folder, name), `${JSON.stringify(result, null, 2)}\n`);
}

async function evaluate(
  flags: EvaluateFlags,
  profiler: Profiler | undefined,
): Promise<{ json: object; text: string; curve?: Curves }> {
  const base = await openBase(flags.model);
  const task = await readTaskFile(flags.task, base, flags.flip === true);
  const examples = task.examples.slice(0, flags.limit);
  const metric = flags.metric ?? metricFor(task);
  requireMetric(metric, examples, flags.task);
  const circuit = flags.circuit === undefined ? undefined : await readCircuit(flags.circuit, base);
  if (flags.prejudice) requireGroups(examples, flags.task);
  const toGrade = flags.grade && (await readToGrade(flags.task, flags.grade, base, flags));
  if (circuit && flags.ablation === 'patching') requirePairs(examples, { name: flags.task });
  await requireRoom(flags, { base, examples, metric, circuit, toGrade });
  const { loss, measured, answered, risk, tests } = await run(base, { examples, toGrade }, metric, circuit, flags, {
    warnings: task.warnings,
    profiler,
  });
  const { value, accuracy } = measured;
  const json = {
    model: flags.model,
    task: flags.task,
    examples: examples.length,
    loss: loss.value,
    perplexity: perplexity(loss.value),
    metric_name: metric,
    metric: value,
    ...(accuracy !== undefined && { accuracy }),
    ...(answered && { graded: answered.grades }),
    ...(risk && { prejudice: risk }),
    ...tests,
  };
  const rows = [
    ['examples', number(examples.length)],
    ['loss, nats per token', number(loss.value)],
    ['perplexity', number(perplexity(loss.value))],
    [metric, number(value)],
    ...(accuracy === undefined ? [] : [['accuracy', percent(accuracy)]]),
  ];
  const text =
    table(['measure', 'value'], rows) +
    (risk ? `\n${riskTable(risk)}` : '') +
    (answered ? `\n${gradeTable(answered.grades)}` : '') +
    (tests ? circuitTables(tests, metric) : '');
  return { json, text, ...(tests?.curve && { curve: tests.curve }) };
}

interface Room {
  readonly base: Model;
  readonly examples: readonly Example[];
  readonly metric: Metric;
  readonly circuit: GivenCircuit | undefined;
  readonly toGrade: readonly GradedRow[] | undefined;
}

async function requireRoom(flags: EvaluateFlags, { base, examples, metric, circuit, toGrade }: Room): Promise<void> {
  const { batchSize, ablation, prejudice, exact = false, sample, maxNewTokens } = flags;
  const { nodes } = circuit?.circuit ?? {};
  const rehearse = (changes: Partial<Evaluated>) => (model: DeviceModel, size: number, given: readonly Example[]) => {
    const graded = toGrade && { rows: toGrade, maxNewTokens };
    const tests = nodes && { nodes, ablation, exact, sample };
    const all = { examples: given, metric, prejudice, circuit: tests, graded, ...changes };
    return rehearseEvaluate(model, all, size);
  };
  const fewer = Math.floor(maxNewTokens / 2);
  const others = {
    ...(toGrade &&
      fewer > 0 && {
        [`write at most ${fewer} tokens (--max-new-tokens)`]: rehearse({
          graded: { rows: toGrade, maxNewTokens: fewer },
        }),
      }),
    ...(nodes &&
      exact &&
      sample === undefined && {
        'cut a sample of the edges (--sample)': rehearse({ circuit: { nodes, ablation, exact, sample: 1 } }),
      }),
  };
  await requireBudget(
    flags,
    { base, where: 'evaluate', batchSize, examples, others, shorter: shorterThan },
    rehearse({}),
  );
}

/** Groups, the most that a screen shows. */
const GROUPS = 10;

function riskTable({ risk, bias, groups }: Prejudice): string {
  const rows = groups
    .slice(0, GROUPS)
    .map(({ group, examples, risk: own, bias: to }) => [group, number(examples), number(own), number(to)]);
  const all = [withMargin(risk.mean, risk.margin), withMargin(bias.mean, bias.margin)];
  return table(['prejudice', 'examples', 'risk', 'bias'], [[`mean of ${groups.length} groups`, '', ...all], ...rows]);
}

async function run(
  base: Model,
  { examples, toGrade }: { examples: readonly Example[]; toGrade: readonly GradedRow[] | undefined },
  metric: Metric,
  circuit: GivenCircuit | undefined,
  flags: EvaluateFlags,
  { warnings, profiler }: { warnings: readonly string[]; profiler: Profiler | undefined },
): Promise<{ loss: Measured; measured: Measured; answered?: AnsweredTask; risk?: Prejudice; tests?: CircuitTests }> {
  const { batchSize, ablation, precision, dtype, task } = flags;
  const progress = createProgress();
  tellWarnings({ warnings: warnings.map((warning) => `${task}, ${warning}`) }, progress.say);
  try {
    return await interruptible(progress.say, async (signal) => {
      const tell = (what: string) => (done: number, of: number) => {
        signal.throwIfAborted();
        progress.update(what, done, of);
      };
      const opened = await openNodeModel(base, { onProgress: tell('loading the model'), profiler, precision, dtype });
      try {
        const onProgress = tell('measuring');
        const loss = await measure(opened.model, examples, { metric: 'nll', batchSize, onProgress });
        const measured =
          metric === 'nll' ? loss : await measure(opened.model, examples, { metric, batchSize, onProgress });
        const answered =
          toGrade && (await graded(opened.model, base, toGrade, flags.grade!, flags, tell('writing answers')));
        const risk = flags.prejudice && (await prejudice(opened.model, examples, { batchSize, onProgress }));
        const found = { loss, measured, ...(answered && { answered }), ...(risk && { risk }) };
        if (!circuit) return found;
        const options = { metric, ablation, batchSize };
        const tests = await everyTest(opened.model, examples, circuit, options, flags, { tell, say: progress.say });
        return { ...found, tests };
      } finally {
        opened.dispose();
      }
    });
  } finally {
    progress.stop();
  }
}
