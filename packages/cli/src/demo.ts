/** `circuit-tuning demo`: the paper's experiment on the embedded model, told as a story. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Method } from '@circuit-tuning/core';
import type { Command } from 'commander';
import { conduct, printJson, shown } from './conduct.js';
import { embedded } from './home.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { readExperiment } from './readExperiment.js';
import { faithfulnessTable, methodsTable, type Summary } from './summary.js';
import { number } from './table.js';

interface DemoFlags extends ProfileFlag {
  readonly out?: string;
  readonly json?: true;
}

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('find the agreement circuit of the embedded model, tune it to the opposite, compare four methods')
    .option('--out <folder>', 'where the run is written (a new folder in runs/)')
    .option('--json', 'print the summary for machines');
  addProfile(command).action(async ({ out, json, profile }: DemoFlags) => {
    const profiler = profilerOf({ profile });
    const experiment = await readExperiment(join(embedded, 'demo.yaml'));
    const place = out ?? freePlace(join('runs', 'demo'));
    const summary = await conduct(experiment, { out: place, isResumed: false, profiler });
    if (json) printJson(withProfile({ out: place, ...summary }, profiler));
    else process.stdout.write(story(summary, place));
    await tellProfile(profiler, { out: place, isJson: json === true });
  });
}

/** runs/demo, runs/demo-2, … */
function freePlace(path: string): string {
  for (let n = 1; ; n++) {
    const place = n === 1 ? path : `${path}-${n}`;
    if (!existsSync(place)) return place;
  }
}

function story(summary: Summary, out: string): string {
  const { base, faithfulness, methods, metric } = summary;
  const before = base?.target;
  const after = (name: Method) => methods.find(({ method }) => method === name);
  const lines = [
    'A small transformer, trained on sentences of a made-up grammar, knows that a verb agrees with its subject.',
    '',
    '1. Which edges do that? Each circuit alone, every other edge patched with the other number:',
    '',
    faithfulnessTable(faithfulness, metric),
    '2. Tune to the opposite agreement, by four methods from the same start:',
    '',
    methodsTable(summary),
  ];
  const circuit = after('circuit');
  const random = after('random');
  if (circuit && before)
    lines.push(
      `Tuning the circuit moved the ${metric} from ${number(before.value)} to ${number(circuit.target.value)} ` +
        `with ${number(circuit.moved)} parameters.`,
    );
  // Without its control the sentence above would say nothing.
  if (random)
    lines.push(
      `Random nodes with as many parameters moved it to ${number(random.target.value)}: ` +
        'what the circuit is worth is the difference between the two.',
    );
  lines.push(`Curves and circuits, before and after: open ${shown(join(out, 'report.html'))}.`, '');
  return lines.join('\n');
}
