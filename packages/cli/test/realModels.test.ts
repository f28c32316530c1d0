/** Two small models trained by others, against golden numbers computed by others: logits, text, loss. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  DeviceModel,
  generate,
  Graph,
  openModel,
  PlainStream,
  Session,
  tokenInputs,
  transformer,
  unembedParams,
  wholeLogits,
} from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { relativeError, shared, testGpu } from '@circuit-tuning/testkit';
import { nodeFolder } from '../src/files.js';

interface Golden {
  prompt: string;
  input_ids: number[];
  last_logits: number[];
  greedy_ids: number[];
  greedy_text: string;
}

const { device, subgroup, isSoftware } = await testGpu();

describe.each(['stories260K', 'stories280K-gpt'])('%s', (name) => {
  const path = shared(`models/${name}`);

  test.skipIf(!path)('tokens, logits and greedy text are the golden ones (needs ../shared/models)', async () => {
    const { config, weights, tokenizer } = await openModel(nodeFolder(path!));
    const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
    const model = await DeviceModel.load(session, config, weights);
    for (const golden of JSON.parse(readFileSync(`${path}/golden.json`, 'utf8')) as Golden[]) {
      const ids = tokenizer!.encode(golden.prompt);
      expect(ids).toEqual(golden.input_ids);
      const T = ids.length;
      const graph = new Graph();
      const x = transformer(
        graph,
        model.architecture({ B: 1, T }),
        tokenInputs(graph, '', { B: 1, T }),
        new PlainStream(graph),
      );
      const rows = { rows: graph.input('rows', [1], 'u32'), starts: graph.input('starts', [T + 1], 'u32') };
      const [logits] = wholeLogits(graph, x, rows, unembedParams(graph, model));
      const program = await session.compile(graph, { logits: logits! });
      const positions = Uint32Array.from(ids.keys());
      const feed = {
        tokens: Uint32Array.from(ids),
        mask: new Uint32Array(T).fill(1),
        positions,
        rows: Uint32Array.of(T - 1),
      };
      const got = await program.run(feed);
      expect(relativeError(got.logits!, golden.last_logits)).toBeLessThan(1e-4);
      program.dispose();
      const text: number[] = [];
      for await (const token of generate(model, ids, { maxTokens: golden.greedy_ids.length })) text.push(token);
      expect(text.length === golden.greedy_ids.length ? text : [...ids, ...text]).toEqual(golden.greedy_ids);
    }
    session.dispose();
  });
});
