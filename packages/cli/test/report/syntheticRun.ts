/** A run folder out of seeded numbers, in the shape that real runs have. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  allEdges,
  edgeIndex,
  endsOf,
  jaccard,
  nodesOf,
  parameterCount,
  Random,
  toGraphJson,
  topEdges,
  tunedParameters,
  type Circuit,
  type ModelConfig,
  type Nodes,
} from '@circuit-tuning/core';

export interface SyntheticRun {
  readonly layers?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly methods?: readonly string[];
  readonly steps?: number;
  readonly topN?: number;
  readonly graph?: 'eap-ig' | 'circuit-tuning';
  /** The last method stops half-way, in the middle of a line. */
  readonly isCutOff?: boolean;
  /** Faithfulness over fractions of the edges before tuning, with CPR and CMD. */
  readonly hasCurve?: boolean;
  readonly seed?: number;
}

export function syntheticRun(dir: string, options: SyntheticRun = {}): void {
  const { layers = 4, heads = 4, kvHeads = heads, methods = ['circuit', 'full', 'random', 'fixed'] } = options;
  const { steps = 60, topN = 60, graph = 'eap-ig', isCutOff = false, hasCurve = false, seed = 1 } = options;
  const isLlama = kvHeads < heads;
  const config: ModelConfig = {
    modelType: isLlama ? 'llama' : 'gpt2',
    L: layers,
    D: heads * 8,
    H: heads,
    K: kvHeads,
    E: 8,
    F: heads * 32,
    V: 512,
    T: 128,
    norm: isLlama ? 'rmsnorm' : 'layernorm',
    eps: 1e-5,
    position: isLlama ? { kind: 'rope', theta: 1e4 } : { kind: 'learned' },
    act: isLlama ? 'swiglu' : 'gelu_new',
    qkvBias: !isLlama,
    outBias: !isLlama,
    tied: true,
  };
  const nodes = nodesOf(config, { convention: graph });
  const random = new Random(seed);
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  const lines: string[] = [];
  let t = 0;
  const tell = (event: Record<string, unknown>): void => void lines.push(JSON.stringify({ t: (t += 0.1), ...event }));
  const base = scoresOf(nodes, random);
  const before = topEdges(nodes, base, topN);
  const putCircuit = (path: string, circuit: Circuit, scores: Float32Array): void =>
    put(path, `${JSON.stringify(toGraphJson(circuit, scores, { metric: 'logit_diff' }))}\n`);
  const faithfulness = (when: string, sizes: readonly number[], scores: Float32Array, more: object = {}): void => {
    const path = `circuits/${when.replace(':', '-')}.json`;
    const circuit = topEdges(nodes, scores, topN);
    const { sources, reads } = endsOf(circuit);
    tell({ kind: 'circuit', when, circuit: path, edges: topN, nodes: sources.length + reads.length, metric: -2 });
    const rows = sizes.map((edges) => {
      const share = 1 - Math.exp((-6 * edges) / nodes.edgeCount - 0.2 * random.float());
      const ofRandom = Array.from({ length: 3 }, () => (edges / nodes.edgeCount) ** 1.5 * 0.4 - 0.08 * random.float());
      return { edges, clean: 2.1, circuit: -1 + 3.1 * share, ablated: -1, faithfulness: share, random: ofRandom };
    });
    tell({ kind: 'faithfulness', when, circuit: path, ...more, rows });
    putCircuit(path, circuit, scores);
  };
  const measured = {
    target: { value: -2.1 + 0.1 * random.float(), accuracy: 0.08 },
    keep: { questions: { nll: 1.2, perplexity: 3.32 }, 'relative clauses': { nll: 1.42, perplexity: 4.14 } },
  };
  tell({ kind: 'metric', step: 0, ...measured });
  for (const method of methods) tell({ kind: 'metric', step: 0, method, ...measured });
  const sizes = [10, 20, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800].filter((size) => size < nodes.edgeCount);
  faithfulness('before', [...sizes, nodes.edgeCount], base, hasCurve ? { curve: curveOf(nodes.edgeCount) } : {});

  const speed: Record<string, number> = { circuit: 1, full: 1.15, random: 0.35, fixed: 0.8 };
  const harm: Record<string, number> = { circuit: 0.04, full: 0.3, random: 0.12, fixed: 0.06 };
  for (const method of methods) {
    const isLast = isCutOff && method === methods.at(-1);
    let [first, previous, tuned]: [Circuit | undefined, Circuit | undefined, number] = [
      undefined,
      undefined,
      parameterCount(config),
    ];
    let scores = base;
    for (let step = 0; step < (isLast ? Math.floor(steps / 2) : steps); step++) {
      const isSearch = method === 'fixed' ? step === 0 : method !== 'full' && step % 8 === 0;
      if (isSearch) {
        scores = drifted(scores, random, step === 0 ? 0 : 0.15);
        const circuit = topEdges(nodes, scores, topN);
        first ??= circuit;
        previous ??= circuit;
        tuned = tunedParameters(circuit);
        const path = `circuits/${method}/step-${String(step).padStart(6, '0')}.json`;
        const { sources, reads } = endsOf(circuit);
        tell({
          kind: 'search',
          step,
          method,
          circuit: path,
          edges: topN,
          nodes: sources.length + reads.length,
          tuned,
          jaccard_first: jaccard(circuit, first),
          jaccard_previous: jaccard(circuit, previous),
          metric: -2,
        });
        putCircuit(path, circuit, scores);
        previous = circuit;
      }
      const way = 1 - Math.exp((-3 * (step + 1) * (speed[method] ?? 1)) / steps);
      tell({
        kind: 'step',
        step: step + 1,
        method,
        loss: 3.2 - 1.6 * way + 0.25 * random.normal(),
        lr: 1e-3,
        tuned,
        grad_norm: 1 + random.float(),
      });
      if ((step + 1) % Math.ceil(steps / 10) === 0 || step + 1 === steps) {
        const perplexity = (name: number): number => name * (1 + (harm[method] ?? 0.1) * way);
        const keep = {
          questions: { nll: Math.log(perplexity(3.32)), perplexity: perplexity(3.32) },
          'relative clauses': { nll: Math.log(perplexity(4.14)), perplexity: perplexity(4.14) },
        };
        tell({
          kind: 'metric',
          step: step + 1,
          method,
          target: { value: -2.05 + 5.2 * way, accuracy: 0.08 + 0.9 * way },
          keep,
        });
      }
    }
    if (isLast) continue;
    const after = topEdges(nodes, drifted(scores, random, 0.3), topN);
    faithfulness(`after:${method}`, [topN], drifted(scores, random, 0.3), { jaccard_before: jaccard(after, before) });
    tell({ kind: 'done', method, moved: tuned - 7, tuned_max: tuned, steps, seconds: 12.3 + 5 * random.float() });
  }
  put('events.jsonl', isCutOff ? `${lines.join('\n')}\n{"t":99,"kind":"st` : `${lines.join('\n')}\n`);
  put(
    'manifest.json',
    `${JSON.stringify({ format: 'circuit-tuning run 1', name: 'agreement', argv: ['run', 'agreement.yaml'], adapter: { name: 'llvmpipe', vendor: 'mesa', backend: 'vulkan', isSoftware: true }, started: '2025-01-02T03:04:05.000Z', status: isCutOff ? 'interrupted' : 'done' }, null, 2)}\n`,
  );
  put(
    'experiment.yaml',
    `name: agreement
model: embedded
seed: ${seed}
data:
  task: agreement.jsonl
  held_out: agreement.held_out.jsonl
  flip: true
  keep:
    questions: questions.jsonl
    relative clauses: relatives.jsonl
discovery:
  graph: ${graph}
  method: EAP
  ablation: patching
  metric: logit_diff
  top_n: ${topN}
${methods.length > 0 ? `tuning:\n  methods: [${methods.join(', ')}]\n  steps: ${steps}\n  every: 8\n  optimizer: sgd\n  learning_rate: 0.001\n  objective: all\n` : ''}`,
  );
}

function curveOf(edgeCount: number): object {
  const along = (power: number): object => ({
    points: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].map((fraction) => ({
      fraction,
      edges: Math.round(fraction * edgeCount),
      faithfulness: fraction ** power,
      random_edges: [0.9, 1].map((share) => share * fraction ** 2),
      random_parameters: [0.7, 1].map((share) => share * fraction),
    })),
  });
  return { cpr: 0.81, cmd: 0.23, signed: along(0.3), absolute: along(0.4) };
}

/** Heavy-tailed, as scores are; a few nodes matter much. */
function scoresOf(nodes: Nodes, random: Random): Float32Array {
  const scores = new Float32Array(nodes.sources.length * nodes.reads.length);
  const writes = nodes.sources.map(() => Math.exp(1.3 * random.normal()));
  const reads = nodes.reads.map(() => Math.exp(1.3 * random.normal()));
  for (const edge of allEdges(nodes)) {
    const [source, read] = [Math.floor(edge / reads.length), edge % reads.length];
    scores[edgeIndex(nodes, source, read)] = 1e-3 * writes[source]! * reads[read]! * random.normal();
  }
  return scores;
}

const drifted = (scores: Float32Array, random: Random, by: number): Float32Array =>
  scores.map((score) => score * Math.exp(by * 2 * random.normal()));
