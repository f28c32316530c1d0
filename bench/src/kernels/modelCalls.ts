/**
 * Every call of every op that training, scoring and patching a model makes, each once: the sizes to time kernels at. They
 * are read off the graphs themselves, so a kernel is never timed at a size that no model has.
 */
import {
  adamw,
  accumulate,
  grad,
  Graph,
  nodesOf,
  objectiveInputs,
  patchGraph,
  PlainStream,
  readout,
  scoreGraph,
  sgd,
  sumSquares,
  tokenInputs,
  transformer,
  unembedParams,
  vocabularyChunks,
  type Call,
  type Capabilities,
  type KernelCase,
  type ModelConfig,
  type Op,
} from '@circuit-tuning/core';

export interface ModelCall {
  readonly op: Op;
  readonly pass: 'forward' | 'backward';
  readonly case: KernelCase;
}

export function modelCalls(
  config: ModelConfig,
  capabilities: Capabilities,
  { B, T }: { B: number; T: number },
): ModelCall[] {
  // more layers of the same sizes would only repeat the calls; the second one reads what the first wrote
  const shallow = { ...config, L: Math.min(2, config.L) };
  const chunks = vocabularyChunks(shallow, capabilities);
  const architecture = { config: shallow, chunks, mlpGroups: 1, B, T };
  const answers = { M: Math.ceil(B / 8) * 8, P: 2 };
  const whole = nodesOf(shallow);
  const cut = nodesOf(shallow, { convention: 'circuit-tuning' });
  const asPaper = { ...answers, rows: answers.M, pooled: B };
  const graphs = [
    trained(architecture),
    scoreGraph(whole, architecture, answers, { ablation: 'patching', prefix: 'all' }).graph,
    scoreGraph(cut, { ...architecture, mlpGroups: cut.mlpGroups }, asPaper, { ablation: 'mean', prefix: 'key' }).graph,
    patchGraph(whole, architecture, answers, 'patching').graph,
  ];
  return distinct([...graphs.flatMap(({ calls }) => calls.filter(isDispatched).map(callOf)), ...updates(config)]);
}

/** Forward, and backward to every parameter. */
function trained(architecture: Parameters<typeof transformer>[1]): Graph {
  const { chunks, B, T } = architecture;
  const graph = new Graph();
  const x = transformer(graph, architecture, tokenInputs(graph, '', architecture), new PlainStream(graph));
  const objective = objectiveInputs(graph, { N: B * T, M: B * T, P: 1 });
  const { picked, lse } = readout(graph, x, objective, unembedParams(graph, architecture), chunks);
  const seeds = new Map([
    [picked, objective.seedPicked],
    [lse, objective.seedLse],
  ]);
  grad(graph, { seeds, wrt: graph.values.filter(({ kind, name }) => kind === 'param' && name !== 'rope.frequencies') });
  return graph;
}

/** Of one matrix of an MLP, every row tuned. */
function updates({ F, D }: ModelConfig): ModelCall[] {
  const size = F * D;
  const rows = { A: size, G: size, M: F, Q: 6, O: 1 };
  const call = (op: Op, dims: KernelCase['dims']): ModelCall => ({ op, pass: 'forward', case: { dims } });
  return [
    call(sgd, { ...rows, N: size, J: 8 }),
    // the example cuts slices no longer than ages, of which a model has one a row, would fill
    call(adamw, { ...rows, N: size, U: size, J: 8 }),
    call(sumSquares, { G: size, M: F, Q: 6, O: 1 }),
    call(accumulate, { N: size }),
  ];
}

const isDispatched = ({ op }: Call): boolean => Object.keys(op.shares).length === 0;

function callOf({ op, pass, dims, ins }: Call): ModelCall {
  const entries = Object.entries(dims);
  const attrs = entries.filter(([name]) => name in op.attrs);
  const without = op.optional.filter((name) => !(name in ins));
  return {
    op,
    pass,
    case: {
      dims: Object.fromEntries(entries.filter(([name]) => !(name in op.attrs))),
      ...(attrs.length > 0 && { attrs: Object.fromEntries(attrs) }),
      ...(without.length > 0 && { without }),
    },
  };
}

/**
 * One of each size: of calls that differ in where a table starts, or how many sources stood before, the one with the largest
 * such numbers. Of two layers' scores that is the second's, whose tiles are filled as most are.
 */
function distinct(calls: readonly ModelCall[]): ModelCall[] {
  const key = ({ op, pass, case: { dims, without } }: ModelCall): string =>
    JSON.stringify([op.name, pass, Object.entries(dims).toSorted(), without]);
  const weight = ({ case: { attrs = {} } }: ModelCall): number => Object.values(attrs).reduce((sum, it) => sum + it, 0);
  const found = new Map<string, ModelCall>();
  for (const call of calls) {
    const known = found.get(key(call));
    if (!known || weight(call) > weight(known)) found.set(key(call), call);
  }
  return [...found.values()].toSorted((a, b) => a.op.name.localeCompare(b.op.name));
}
