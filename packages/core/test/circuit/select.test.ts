import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allEdges,
  edgeName,
  nodesOf,
  pruned,
  Random,
  randomOfEqualParameters,
  requireSome,
  selectEdges,
  topEdges,
  tunedParameters,
  wholeGraph,
  type Circuit,
  type ModelConfig,
  type Nodes,
} from '../../src/index.js';

const config = (L: number, H: number, K: number, isGated = true): ModelConfig => ({
  modelType: 'llama',
  L,
  D: 8,
  H,
  K,
  E: 4,
  F: 16,
  V: 32,
  T: 16,
  norm: 'rmsnorm',
  eps: 1e-5,
  position: { kind: 'rope', theta: 1e4 },
  act: isGated ? 'swiglu' : 'gelu',
  qkvBias: true,
  outBias: !isGated,
  tied: true,
});

/** Graphs with and without shared key/value heads, with whole MLPs and in blocks; scores with ties, of either sign. */
const scored = fc
  .record({
    L: fc.integer({ min: 1, max: 3 }),
    heads: fc.constantFrom([1, 1], [2, 2], [4, 2], [3, 1]),
    mlpBlock: fc.constantFrom('whole' as const, 8),
    isGated: fc.boolean(),
    seed: fc.nat(),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ L, heads, mlpBlock, isGated, seed, share }) => {
    const nodes = nodesOf(config(L, heads[0]!, heads[1]!, isGated), { mlpBlock });
    const random = new Random(seed);
    const values = new Float32Array(nodes.sources.length * nodes.reads.length);
    for (const edge of allEdges(nodes)) values[edge] = random.below(21) - 10;
    return { nodes, values, n: Math.max(1, Math.round(share * nodes.edgeCount)) };
  });

const ends = ({ nodes }: Circuit, edge: number): { source: string; read: string } => {
  const [source, read] = edgeName(nodes, edge).split('->') as [string, string];
  return { source, read };
};
/** By names alone: heads whose key or value head this is, or the node itself. */
function behind({ config: { H, K } }: Nodes, read: string): string[] {
  const [, place, head, letter] = /^(a\d+)\.h(\d+)<([qkv])>$/.exec(read) ?? [];
  if (place === undefined) return read === 'logits' ? [] : [read.replace(/<.*/, '')];
  if (letter === 'q') return [`${place}.h${head}`];
  return Array.from({ length: H / K }, (_, i) => `${place}.h${Number(head) * (H / K) + i}`);
}

/** EAP-IG's way: drop nodes that nothing enters or leaves, and their edges, until nothing changes. */
function prunedSlowly(circuit: Circuit): number[] {
  let edges = [...circuit.edges];
  for (;;) {
    const leaving = new Set(edges.map((edge) => ends(circuit, edge).source));
    const entered = new Set(['input', ...edges.flatMap((edge) => behind(circuit.nodes, ends(circuit, edge).read))]);
    const next = edges.filter((edge) => {
      const { source, read } = ends(circuit, edge);
      return entered.has(source) && (read === 'logits' || behind(circuit.nodes, read).some((it) => leaving.has(it)));
    });
    if (next.length === edges.length) return edges;
    edges = next;
  }
}

function greedySlowly(nodes: Nodes, values: ArrayLike<number>, n: number, size: (score: number) => number): number[] {
  const kept: number[] = [];
  const inside = new Set<string>();
  const edges = [...allEdges(nodes)];
  while (kept.length < n) {
    let best: number | undefined;
    for (const edge of edges) {
      const { read } = ends({ nodes, edges: Uint32Array.of() }, edge);
      if (kept.includes(edge) || !(read === 'logits' || behind(nodes, read).some((it) => inside.has(it)))) continue;
      if (best === undefined || size(values[edge]!) > size(values[best]!)) best = edge;
    }
    kept.push(best!);
    inside.add(edgeName(nodes, best!).split('->')[0]!);
  }
  return kept.toSorted((a, b) => a - b);
}

function weightedSlowly(nodes: Nodes, values: ArrayLike<number>, n: number): number[] {
  const edges = [...allEdges(nodes)];
  const R = nodes.reads.length;
  const sum = (isIt: (edge: number) => boolean): number =>
    edges.filter(isIt).reduce((total, edge) => total + Math.abs(values[edge]!), 0);
  const weight = new Map(
    edges.map((edge) => {
      const ofSource = sum((it) => Math.floor(it / R) === Math.floor(edge / R));
      return [edge, Math.abs(values[edge]!) * ofSource * sum((it) => it % R === edge % R)];
    }),
  );
  return edges
    .toSorted((a, b) => weight.get(b)! - weight.get(a)! || a - b)
    .slice(0, n)
    .toSorted((a, b) => a - b);
}

const check = (property: (given: { nodes: Nodes; values: Float32Array; n: number }) => void, runs = 60): void =>
  fc.assert(fc.property(scored, property), { numRuns: runs });

describe('rules of selection', () => {
  test('keep exactly as many edges as asked, ascending, each once; a threshold keeps those that reach it', () => {
    check(({ nodes, values, n }) => {
      for (const rule of ['top-n', 'greedy', 'node-weighted'] as const) {
        const { edges } = selectEdges(nodes, values, n, { rule });
        expect(edges).toHaveLength(n);
        expect([...edges]).toEqual([...new Set(edges)].toSorted((a, b) => a - b));
      }
      const kept = (signed: boolean) => [
        ...selectEdges(nodes, values, n, { rule: 'threshold', threshold: 5, signed }).edges,
      ];
      expect(kept(false)).toEqual([...allEdges(nodes)].filter((edge) => Math.abs(values[edge]!) >= 5));
      expect(kept(true)).toEqual([...allEdges(nodes)].filter((edge) => values[edge]! >= 5));
    });
  });

  test('top-n keeps no edge that is weaker than one it leaves; signed, no lower score', () => {
    check(({ nodes, values, n }) => {
      for (const signed of [false, true]) {
        const size = (edge: number): number => (signed ? values[edge]! : Math.abs(values[edge]!));
        const kept = new Set(selectEdges(nodes, values, n, { rule: 'top-n', signed }).edges);
        const left = [...allEdges(nodes)].filter((edge) => !kept.has(edge));
        expect(Math.min(...[...kept].map(size))).toBeGreaterThanOrEqual(Math.max(...left.map(size)));
      }
    });
  });

  test('stable keeps those of the top n whose interval lies on their side of 0 and above every edge left out', () => {
    const wide = (values: Float32Array, half: number) => ({
      low: values.map((value) => value - half),
      high: values.map((value) => value + half),
      confidence: 0.95,
      resamples: 100,
      seed: 0,
    });
    check(({ nodes, values, n }) => {
      for (const signed of [false, true]) {
        const size = (edge: number): number => (signed ? values[edge]! : Math.abs(values[edge]!));
        const top = [...selectEdges(nodes, values, n, { rule: 'top-n', signed }).edges];
        const best = Math.max(0, ...[...allEdges(nodes)].filter((edge) => !top.includes(edge)).map(size));
        for (const half of [0, 1.5]) {
          const { edges } = selectEdges(nodes, values, n, { rule: 'stable', signed }, wide(values, half));
          expect([...edges]).toEqual(top.filter((edge) => size(edge) - half > 0 && size(edge) - half >= best));
        }
      }
    }, 30);
    const nodes = nodesOf(config(2, 2, 2));
    const values = new Float32Array(nodes.sources.length * nodes.reads.length).fill(1);
    expect(() => selectEdges(nodes, values, 3, { rule: 'stable' })).toThrow(
      'select: stable needs the intervals of scores, got none. Make them with bootstrapIntervals from the scores of each example, or call searchCircuit, which does.',
    );
    const selection = { rule: 'stable' } as const;
    expect(() => requireSome(selectEdges(nodes, values, 3, selection, wide(values, 2)), selection)).toThrow(
      'select: must leave an edge, got none. Take more examples, or keep more edges, or select them with top-n.',
    );
  });

  test('greedy keeps what a slow search keeps, and all of it reaches the logits', () => {
    check(({ nodes, values, n: asked }) => {
      const n = Math.min(asked, 40);
      for (const signed of [false, true]) {
        const { edges } = selectEdges(nodes, values, n, { rule: 'greedy', signed });
        expect([...edges]).toEqual(greedySlowly(nodes, values, n, signed ? (score) => score : Math.abs));
        const leaving = new Set([...edges].map((edge) => edgeName(nodes, edge).split('->')[0]));
        for (const edge of edges) {
          const { read } = ends({ nodes, edges }, edge);
          expect(read === 'logits' || behind(nodes, read).some((it) => leaving.has(it))).toBe(true);
        }
      }
    }, 15);
  });

  test('node-weighted keeps what the formula says, sums of whole numbers being exact', () => {
    check(({ nodes, values, n }) => {
      expect([...selectEdges(nodes, values, n, { rule: 'node-weighted' }).edges]).toEqual(
        weightedSlowly(nodes, values, n),
      );
    }, 15);
  });

  test('joined takes q, k and v of a head together, and with them the heads that share a key', () => {
    const nodes = nodesOf(config(1, 4, 2));
    const R = nodes.reads.length;
    const values = new Float64Array(nodes.sources.length * R);
    const set = (read: string, score: number): void => void (values[nodes.reads.indexOf(read)] = score);
    // apart the MLP wins; together the second pair of heads does, for the first one's scores cancel
    set('m0', 5);
    for (const [read, score] of [
      ['a0.h0<q>', 4],
      ['a0.h1<q>', -4],
      ['a0.h2<q>', 2],
      ['a0.h3<q>', 2],
      ['a0.h1<k>', 2],
    ] as const)
      set(read, score);
    const kept = (n: number): string[] =>
      [...selectEdges(nodes, values, n, { rule: 'joined' }).edges].map((edge) => edgeName(nodes, edge));
    const pair = ['q', 'q', 'k', 'v'].map((at, i) => `input->a0.h${[2, 3, 1, 1][i]}<${at}>`);
    expect(kept(4)).toEqual(pair);
    expect(kept(5)).toEqual([...pair, 'input->m0']);
    expect(kept(3)).toEqual([]);
    expect(topEdges(nodes, values, 1).edges).toEqual(Uint32Array.of(nodes.reads.indexOf('m0')));
  });

  test('pruned, any rule keeps what lies on a path from input to logits, and pruning again changes nothing', () => {
    check(({ nodes, values, n }) => {
      for (const rule of ['top-n', 'greedy', 'node-weighted'] as const) {
        const whole = selectEdges(nodes, values, n, { rule });
        const circuit = selectEdges(nodes, values, n, { rule, pruned: true });
        expect([...circuit.edges]).toEqual(prunedSlowly(whole));
        expect(pruned(circuit).edges).toEqual(circuit.edges);
      }
    });
    const nodes = nodesOf(config(2, 4, 2));
    expect(pruned(wholeGraph(nodes)).edges).toHaveLength(nodes.edgeCount);
  });

  test('a key/value head lies on the path of every head that shares it', () => {
    const nodes = nodesOf(config(1, 4, 2));
    const circuit = (...names: string[]): Circuit => ({
      nodes,
      edges: allEdges(nodes).filter((edge) => names.includes(edgeName(nodes, edge))),
    });
    const through = circuit('input->a0.h1<k>', 'a0.h3->logits');
    expect(pruned(through).edges).toEqual(through.edges);
    expect(pruned(circuit('input->a0.h1<k>', 'a0.h1->logits')).edges).toHaveLength(0);
  });

  test('a million edges are searched from the logits in seconds', () => {
    const nodes = nodesOf(config(24, 32, 32));
    expect(nodes.edgeCount).toBeGreaterThan(850_000);
    const random = new Random(1);
    const values = Float32Array.from({ length: nodes.sources.length * nodes.reads.length }, () => random.float() - 0.5);
    expect(selectEdges(nodes, values, 400_000, { rule: 'greedy' }).edges).toHaveLength(400_000);
  });

  test('what needs both ends of the graph is refused where there are none, and so is what leaves nothing', () => {
    const headless = nodesOf(config(2, 2, 2), { convention: 'circuit-tuning' });
    expect(() => selectEdges(headless, [], 1, { rule: 'greedy' })).toThrow(
      'select: must suit the circuit-tuning graph, which has neither input nor logits, got what needs them: greedy starts at the logits. Choose the eap-ig graph, or another rule.',
    );
    expect(() => selectEdges(headless, [], 1, { rule: 'top-n', pruned: true })).toThrow('pruned follows paths');
    const nodes = nodesOf(config(2, 2, 2));
    const values = new Float32Array(nodes.sources.length * nodes.reads.length);
    values[3] = 1;
    const left = (selection: Parameters<typeof requireSome>[1]) =>
      requireSome(selectEdges(nodes, values, 1, selection), selection);
    expect(() => left({ rule: 'threshold', threshold: 2 })).toThrow(
      'select: must leave an edge, got none. Lower the threshold of 2.',
    );
    expect(() => left({ rule: 'top-n', pruned: true })).toThrow(
      'select: must leave a path from input to logits, got none. Keep more edges, or select them with greedy, or do not prune.',
    );
  });
});

describe('a random circuit of equal parameters', () => {
  /** Counts the whole circuit anew at each edge. */
  function drawnSlowly(nodes: Nodes, parameters: number, random: Random): number[] {
    const taken: number[] = [];
    const owned = (edges: number[]): number => tunedParameters({ nodes, edges: Uint32Array.from(edges) });
    for (const edge of random.shuffle([...allEdges(nodes)])) {
      const [before, now] = [owned(taken), owned([...taken, edge])];
      if (now >= parameters && now - parameters > parameters - before) break;
      taken.push(edge);
      if (now >= parameters) break;
    }
    return taken.toSorted((a, b) => a - b);
  }

  test('is what counting the whole circuit at each edge draws', () => {
    check(({ nodes, values, n }) => {
      const wanted = tunedParameters(topEdges(nodes, values, n));
      const { edges } = randomOfEqualParameters(nodes, wanted, new Random(n));
      expect([...edges]).toEqual(drawnSlowly(nodes, wanted, new Random(n)));
    }, 20);
  });
});
