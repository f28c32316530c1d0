/** `pnpm bench select`: what the host does with the scores of a search, for graphs of 30 thousand to 6 million edges. */
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { stepsOf } from '../limit/steps.js';
import { digits, markdown } from '../markdown.js';
import { shapeOf } from '../shapes.js';
import { measureSelection, type Selected, type Timed } from './measure.js';

const HELP = `bench select: what the host does with the scores of all edges after a search

  --model A,B      gpt2,gpt2-medium,smollm2-135m,llama-3.2-1b unless told
  --top-n N        edges of the circuit (500)
  --samples N      rounds, of which the fastest counts (5)
  --files N        writes no files for graphs of more edges (10000000)
  --docs           also puts it into docs/performance.md
  --json           all of it as JSON`;

export const select = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'gpt2,gpt2-medium,smollm2-135m,llama-3.2-1b' },
      'top-n': { type: 'string', default: '500' },
      samples: { type: 'string', default: '5' },
      files: { type: 'string', default: '10000000' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const asked = {
      topN: count('--top-n', values['top-n']),
      rounds: count('--samples', values.samples),
      mostInFiles: count('--files', values.files),
    };
    const gpu = await openGpu();
    const adapter = gpu.info.name;
    const rows: Selected[] = [];
    for (const model of values.model.split(',')) {
      process.stderr.write(`${model}\n`);
      rows.push(await measureSelection(gpu, model, shapeOf(model), asked));
    }
    gpu.dispose();
    const table = print(adapter, rows);
    if (values.docs) intoDocs('select', table);
    console.log(values.json ? JSON.stringify({ adapter, rows }, null, 2) : table);
    return 0;
  },
);

/** What a search at the least takes: of the answers alone, 8 examples of 32 tokens. */
const searchFlops = (model: string): number =>
  stepsOf(shapeOf(model), { B: 8, T: 32, optimizer: 'sgd', tuned: 0.1 }).scoreAnswers.flops;

const ms = (timed: Timed | undefined): string => digits(timed?.cpuMs);
const withMegabytes = (timed: Timed | undefined): string =>
  timed ? `${digits(timed.cpuMs)} / ${digits(timed.bytes / 1e6)}` : '–';

function print(adapter: string, rows: readonly Selected[]): string {
  const lines = rows.map(({ model, edges, readBack, stages: { select: top, nodes, figures, graph, scores } }) => [
    model,
    edges.toLocaleString('en'),
    digits(searchFlops(model) / 1e9),
    withMegabytes(readBack),
    ms(top),
    ms(nodes),
    ms(figures),
    withMegabytes(graph),
    withMegabytes(scores),
  ]);
  const head = [
    'ms of CPU time, MB',
    'edges',
    'search, GFLOP',
    'read back',
    'top-N',
    'masks',
    'figures',
    'graph JSON',
    'scores',
  ];
  return `${adapter}, Node ${process.version}\n\n${markdown(head, lines)}`;
}
