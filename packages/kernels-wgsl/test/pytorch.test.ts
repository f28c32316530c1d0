/** Two tiny models against PyTorch: logits, gradients, node outputs and read-site gradients, on the device. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  feedObjective,
  nodesOf,
  packObjective,
  parameterShapes,
  readSites,
  scoreGraph,
  Session,
  topEdges,
  totalName,
  type Objective,
  type Term,
  type Value,
} from '@circuit-tuning/core';
import { fixture, relativeError, testGpu, type Fixture } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { languageLoss, logitsOf, lossAndGradients, padded, realRows, type Padded } from './languageModel.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
const session = (): Session => {
  const opened = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(opened);
  return opened;
};
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

async function given(fixed: Fixture, side: 'clean' | 'corr'): Promise<Padded> {
  const [B, T] = fixed.shape(`ids.${side}`) as [number, number];
  const ids = await fixed.ints(`ids.${side}`);
  const mask = await fixed.ints(fixed.names(`mask.${side}`).length > 0 ? `mask.${side}` : 'mask.clean');
  return padded(ids, mask, [B, T]);
}

/** Mean over examples of the mean over their targets of logit[good] − logit[bad]. */
function answerDifference(fixed: Fixture, { B, T }: Padded): Objective {
  const at = fixed.json['batch0'] as Record<'clean_verb_pos' | 'clean_verb_ids' | 'corr_verb_ids', number[][]>;
  const terms = at.clean_verb_pos.flatMap((places, b) =>
    places.map((pos, i): Term => {
      const weight = 1 / places.length / B;
      const picks = [
        { id: at.clean_verb_ids[b]![i]!, weight },
        { id: at.corr_verb_ids[b]![i]!, weight: -weight },
      ];
      return { row: b * T + pos - 1, example: b, picks, lseWeight: 0 };
    }),
  );
  return packObjective(terms, { examples: B, normalise: 'mean', count: B, decides: 'row' });
}

describe.each(['gpt2_tiny', 'llama_tiny'] as const)('%s', async (name) => {
  const found = await fixture(name);
  const fixed = found!;

  test.skipIf(!found).each(['clean', 'corr'] as const)(
    'logits of the %s side agree with PyTorch (needs ../shared)',
    async (side) => {
      const model = await fixed.load(session());
      const it = await given(fixed, side);
      const [got, want] = [await logitsOf(model, it), await fixed.floats(`logits.${side}`)];
      expect(relativeError(realRows(got, it), realRows(want, it))).toBeLessThan(1e-4);
    },
  );

  test.skipIf(!found)(
    'every parameter gradient of the language loss agrees with PyTorch (needs ../shared)',
    async () => {
      const model = await fixed.load(session());
      const it = await given(fixed, 'clean');
      const { loss, gradients: got } = await lossAndGradients(model, it);
      expect(loss).toBeCloseTo((await fixed.floats('loss.clean'))[0]!, 5);
      const tied = (hf: string): string | undefined =>
        hf.startsWith('tied.') ? hf.slice(5) : /wte|embed_tokens|lm_head/.test(hf) ? undefined : hf;
      const want = await fixed.weightsAt('grad_loss.', tied);
      for (const { name } of parameterShapes(model.config)) {
        const expected = await want.read(name);
        // A shift of all keys changes no softmax: the gradient of b_K is zero but for rounding, in PyTorch as here.
        if (name.endsWith('b_K'))
          expect(Math.max(...got[name]!.map(Math.abs), ...expected.map(Math.abs)), name).toBeLessThan(1e-6);
        else expect(relativeError(got[name]!, expected), name).toBeLessThan(1e-3);
      }
    },
  );

  test.skipIf(!found)(
    'node outputs, read-site gradients and edge scores agree with PyTorch (needs ../shared)',
    async () => {
      const model = await fixed.load(session());
      const it = await given(fixed, 'clean');
      const other = await given(fixed, 'corr');
      const metric = name === 'gpt2_tiny' ? answerDifference(fixed, it) : languageLoss(it);
      const gradients = name === 'gpt2_tiny' ? 'ngrad_metric' : 'ngrad_loss';
      const table = name === 'gpt2_tiny' ? 'eap.classic.signed' : 'eap.generic.contrastive';
      const nodes = nodesOf(
        model.config,
        name === 'gpt2_tiny' ? {} : { convention: 'circuit-tuning', mlpBlock: 'whole' },
      );
      const { L, H, K, D } = model.config;
      const { M, P } = metric;

      // Zero ablation leaves the deltas what the sources write.
      const zero = scoreGraph(nodes, model.architecture(it), { M, P }, { ablation: 'zero', prefix: 'zero' });
      const value = (label: string): Value => zero.graph.values.find((value) => value.name === label)!;
      interface Wanted {
        value: Value;
        table: string;
        heads: number;
        /** Where reads of a site lie together: [rows, of, D], from this one on. */
        read?: { from: number; of: number };
      }
      const wanted: Record<string, Wanted> = {};
      for (let l = 0; l < L; l++) {
        const within = `clean.blocks.${l}`;
        wanted[`mlp${l}.read`] = {
          value: value(`${within}.ln2.backward.dX`),
          table: `${gradients}.mlp_in.${l}`,
          heads: 1,
        };
        if (fixed.names(`act.clean.mlp_out.${l}`).length > 0)
          wanted[`mlp${l}`] = { value: value(`${within}.mlp.out.y`), table: `act.clean.mlp_out.${l}`, heads: 1 };
        wanted[`attn${l}`] = { value: value(`attn${l}.outputs.y`), table: `act.clean.head_result.${l}`, heads: H };
        if (l > 0)
          for (const [at, heads] of [
            ['q', H],
            ['k', K],
            ['v', K],
          ] as const)
            wanted[`${at}${l}`] = {
              // What three calls have filled is fetched whole: the last has it.
              value: value(`v${l}.read.g`),
              table: `${gradients}.${at}_in.${l}`,
              heads,
              read: { from: at === 'q' ? 0 : at === 'k' ? H : H + K, of: H + 2 * K },
            };
      }
      const program = await model.session.compile(
        zero.graph,
        Object.fromEntries(Object.entries(wanted).map(([key, { value }]) => [key, value])),
      );
      const feed = {
        ...it.feed,
        ...feedObjective(metric, it.N),
        'score.weight': new Float32Array(it.N).fill(1),
        'score.groups': Uint32Array.of(0, it.N),
      };
      const got = await program.run(feed);
      for (const [key, { table, heads: G, read }] of Object.entries(wanted)) {
        const want = await fixed.floats(table);
        const { N } = it;
        // What nodes write is [heads, rows, D], PyTorch's [rows, heads, D]; what a padded row writes is nobody's.
        const place = (g: number, n: number): number => (read ? n * read.of + read.from + g : g * N + n);
        const real = Array.from({ length: N }, (_, n) => n).filter((n) => it.mask[n]);
        const mine = real.flatMap((n) =>
          Array.from({ length: G * D }, (_, i) => got[key]![place(Math.floor(i / D), n) * D + (i % D)]!),
        );
        const theirs = real.flatMap((n) => Array.from(want.subarray(n * G * D, (n + 1) * G * D)));
        expect(relativeError(mine, theirs), key).toBeLessThan(1e-3);
      }

      const patched = scoreGraph(nodes, model.architecture(it), { M, P }, { ablation: 'patching', prefix: 'patched' });
      const run = await model.session.compile(patched.graph, patched.fetch);
      await run.run({
        ...feed,
        'corrupt.tokens': other.ids,
        'corrupt.mask': other.mask,
        'corrupt.positions': other.feed['clean.positions']!,
      });
      const want = await fixed.floats(table);
      const mine = new Float32Array(want.length);
      const R = nodes.reads.length;
      for (const site of readSites(nodes)) {
        const { first, count, reach } = site;
        if (reach === 0) continue;
        const totals = await model.session.read(totalName('patched', site));
        for (let s = 0; s < reach; s++)
          for (let i = 0; i < count; i++) mine[s * R + first + i] = totals[s * count + i]!;
      }
      expect(relativeError(mine, want)).toBeLessThan(1e-3);
      for (const n of [5, 20, 50])
        expect([...topEdges(nodes, mine, n).edges]).toEqual([...topEdges(nodes, want, n).edges]);
    },
  );
});
