/** `pnpm bench step`: what a step of each kind costs beside a plain one, on one adapter, in one run. */
import { command } from '../command.js';
import { intoDocs } from '../docs.js';
import { count, oneOf, several } from '../flags.js';
import { shapeOf } from '../shapes.js';
import { stepNames } from './cases.js';
import { measureSteps, profileSteps, type StepAsked } from './measureSteps.js';
import { printProfile, printStep } from './report.js';

/** Large enough that a kernel shows what it can. */
const MATMUL = 1024;

const others = ['matmul', 'jax', 'tfjs'] as const;
const caseNames = [...stepNames, ...others];

const HELP = `bench step: medians and ratios of steps, taken in turn in one process

  --model NAME|FILE  gpt2 (default), gpt2-medium, smollm2-135m, llama-3.2-1b, embedded, small, tiny, or a config.json
  --layers N         so many layers instead of the model's
  --batch B          examples of a step (8)
  --tokens T         tokens of an example (32)
  --cases A,B        of ${caseNames.join(', ')}; all but score-f16 unless told.
                     jax and tfjs train a model of 4 layers of 256, B 8, T 64, and so does this project beside them;
                     they are fetched when they are first asked for
  --optimizer NAME   sgd (default) or adamw, of all cases that do not name theirs
  --ablation NAME    mean (default), zero or patching, of all-position searches
  --samples N        rounds (5)
  --threads N        threads of a software adapter (LP_NUM_THREADS)
  --memory           also measures the peak bytes, which are planned in any case: each case runs once more, alone
  --profile          device time by kernel instead, of each dispatch the fastest round: ratios that hold on a busy
                     machine too; an amortised step is a sample of 8
  --docs             also puts it into docs/performance.md
  --json             all of it as JSON`;

export const step = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'gpt2' },
      layers: { type: 'string' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      cases: { type: 'string', default: caseNames.filter((name) => name !== 'score-f16').join(',') },
      optimizer: { type: 'string', default: 'sgd' },
      ablation: { type: 'string', default: 'mean' },
      samples: { type: 'string', default: '5' },
      threads: { type: 'string' },
      memory: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    // read by the driver when it is loaded
    if (values.threads) process.env['LP_NUM_THREADS'] = String(count('--threads', values.threads));
    const cases = several('--cases', values.cases, caseNames);
    const peers = (['jax', 'tfjs'] as const).filter((name) => cases.includes(name));
    const asked: StepAsked = {
      model: values.model,
      ...(values.layers && { layers: count('--layers', values.layers) }),
      B: count('--batch', values.batch),
      T: count('--tokens', values.tokens),
      optimizer: oneOf('--optimizer', values.optimizer, ['sgd', 'adamw']),
      ablation: oneOf('--ablation', values.ablation, ['mean', 'zero', 'patching']),
      cases: stepNames.filter((name) => cases.includes(name)),
      ...(cases.includes('matmul') && { matmul: MATMUL }),
      ...(peers.length > 0 && { peers: { names: peers, config: shapeOf('small'), B: 8, T: 64 } }),
      isWithMemory: values.memory,
      samples: count('--samples', values.samples),
      say: (line) => void process.stderr.write(`${line}\n`),
    };
    if (values.profile) {
      const { adapter, profiles } = await profileSteps(asked);
      console.log(values.json ? JSON.stringify({ adapter, profiles }, null, 2) : printProfile(adapter, profiles));
    } else {
      const report = await measureSteps(asked);
      if (values.docs) intoDocs('step', printStep(report));
      console.log(values.json ? JSON.stringify(report, null, 2) : printStep(report));
    }
    return 0;
  },
);
