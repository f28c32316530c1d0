/**
 * Whole models with every variant of every kernel forced in turn, against transformers: what the generic test sees one call
 * at a time must hold when calls follow each other. A round forces one variant of each op.
 */
import { describe, expect, test } from 'vitest';
import {
  applies,
  attribute,
  capabilitiesOf,
  nodesOf,
  parameterShapes,
  Session,
  type Example,
  type Graph,
  type Value,
} from '@circuit-tuning/core';
import { relativeError, testGpu, variant } from '@circuit-tuning/testkit';
import { kernels as all } from '../src/index.js';
import { logitsOf, lossAndGradients, padded, realRows } from './languageModel.js';

const { device, subgroup, isSoftware } = await testGpu();

/** What rounds to f16 is not as near to transformers: half.test.ts. */
const kernels = all.filter(({ isHalf }) => !isHalf);
const variantsOf = new Map<string, string[]>();
for (const { name, op } of kernels) variantsOf.set(op.name, [...(variantsOf.get(op.name) ?? []), name]);
const rounds = Array.from({ length: Math.max(...[...variantsOf.values()].map((names) => names.length)) }, (_, round) =>
  Object.fromEntries([...variantsOf].map(([op, names]) => [op, names[round % names.length]!])),
);
const ran = new Set<string>();

const examples = [0, 1, 2].map((i): Example => ({
  kind: 'tokens',
  id: `${i}`,
  line: i + 1,
  tokens: [1, 2 + i, 3, 4 + i, 5].slice(i),
  corruptTokens: [6, 2 + i, 7, 4 + i, 1].slice(i),
  targets: [{ pos: 4 - i, good: [8], bad: [9] }],
}));

/** Some variants serve adapters of the other kind alone, where they would be slow; they must be right on this one. */
function session(forced: Record<string, string>, isOther = false): Session {
  const opened = new Session({
    device,
    kernels,
    forced,
    isSoftware: isSoftware !== isOther,
    ...(subgroup && { subgroup }),
  });
  const compile = opened.compile.bind(opened);
  opened.compile = async (graph: Graph, fetch?: Readonly<Record<string, Value>>) => {
    const program = await compile(graph, fetch);
    for (const { kernel } of program.plan.dispatches) ran.add(kernel);
    return program;
  };
  return opened;
}

const passes = rounds.flatMap((forced, round) => [
  [`round ${round + 1}`, forced, false] as const,
  [`round ${round + 1} as on the other kind of adapter`, forced, true] as const,
]);

describe.each(['gpt2-inner-f16', 'qwen2'] as const)('%s', async (name) => {
  const it = await variant(name);
  const batch = padded(
    await it.ints('ids.right'),
    await it.ints('mask.right'),
    it.shape('ids.right') as [number, number],
  );
  const wanted = {
    logits: await it.floats('logits.right'),
    loss: (await it.floats('loss'))[0]!,
    gradients: await it.changedAt('grad.'),
  };

  const readable = Object.fromEntries([...variantsOf.keys()].map((op) => [op, op]));
  const scores = await scoresOf(session(readable));

  test.each(passes)('logits, loss and gradients agree with transformers in %s', async (_, forced, isOther) => {
    const opened = session(forced, isOther);
    const model = await it.load(opened);
    const logits = await logitsOf(model, batch);
    expect(relativeError(realRows(logits, batch), realRows(wanted.logits, batch))).toBeLessThan(1e-5);
    const { loss, gradients } = await lossAndGradients(model, batch);
    expect(loss).toBeCloseTo(wanted.loss, 5);
    for (const { name: parameter } of parameterShapes(it.config)) {
      const expected = await wanted.gradients.read(parameter);
      if (Math.max(...expected.map(Math.abs)) > 1e-6)
        expect(relativeError(gradients[parameter]!, expected), parameter).toBeLessThan(1e-3);
    }
    opened.dispose();
  });

  // The readable kernels' scores are compared with PyTorch's elsewhere.
  test.each(passes)('edge scores are those of the readable kernels in %s', async (_, forced, isOther) => {
    expect(relativeError(await scoresOf(session(forced, isOther)), scores)).toBeLessThan(1e-4);
  });

  async function scoresOf(opened: Session): Promise<ArrayLike<number>> {
    const options = {
      nodes: nodesOf(it.config),
      metric: 'logit_diff',
      ablation: 'patching',
      positions: 'all',
    } as const;
    const { values } = await attribute(await it.load(opened), examples, { ...options, batchSize: 2 });
    opened.dispose();
    return values;
  }
});

/**
 * Those of 64 rows need a lavapipe of LLVM 22, and 32 columns. The last needs a vocabulary of a multiple of four, and
 * transformers' models here have 41 tokens; those made of numbers have 40.
 */
const elsewhere = ['groupedNN.unrolled64', 'matmulNN.unrolled64', 'matmulTN.unrolled64', 'pickLogits.vec4'];

// Some need subgroups of 8 lanes, as lavapipe has them.
test.runIf(subgroup?.min === 8 && subgroup.max === 8)('each variant of the ops that a model is made of ran', () => {
  const served = new Set(kernels.filter(({ name }) => ran.has(name)).map(({ op }) => op.name));
  const capabilities = capabilitiesOf(device, { isSoftware, ...(subgroup && { subgroup }) });
  const able = kernels.filter((kernel) => kernel.cases.some(({ dims }) => applies(kernel, { dims }, capabilities)));
  expect(able.filter(({ name, op }) => served.has(op.name) && !ran.has(name)).map(({ name }) => name)).toEqual(
    elsewhere.filter((name) => able.some((kernel) => kernel.name === name)),
  );
});
