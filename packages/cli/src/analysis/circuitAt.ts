/** A circuit that was named on the command line: a graph JSON, or a moment of a run. */
import { readFile, stat } from 'node:fs/promises';
import { ConfigError, keptText, type GraphJson } from '@circuit-tuning/core';
import { openRun, readCircuit, type Found, type RunGraph } from '@circuit-tuning/web/record';
import { refused } from '../files.js';
import { filesOfRun, openRunPlace } from '../runPlace.js';

export interface CircuitAt {
  /** File, or run and moment. */
  readonly name: string;
  readonly graph: RunGraph;
  readonly found: Found;
  /** The file as it lies, for files made from it. */
  readonly json: GraphJson;
}

/**
 * @param flag what gave the moment, for errors.
 * @param moment `before`, `circuit/20` or `after:circuit`; of a run the last one unless told.
 * @throws ConfigError where there is none; TaskError where it is no circuit.
 */
export async function circuitAt(path: string, moment: string | undefined, flag: string): Promise<CircuitAt> {
  const found = await stat(path).catch((error: unknown) => refused(error, path));
  return found.isDirectory() || /\.zip$/i.test(path) ? circuitOfRun(path, moment, flag) : circuitIn(path, moment, flag);
}

async function circuitIn(path: string, moment: string | undefined, flag: string): Promise<CircuitAt> {
  if (moment !== undefined)
    throw new ConfigError({
      where: flag,
      rule: 'takes effect only where a run is given',
      got: `the circuit file ${path}`,
      cure: 'Leave it out, or give the folder of a run',
    });
  return parsed(await readFile(path, 'utf8').catch((error: unknown) => refused(error, path)), path, path);
}

async function circuitOfRun(path: string, wanted: string | undefined, flag: string): Promise<CircuitAt> {
  const place = await openRunPlace(path);
  try {
    const run = filesOfRun(place, path);
    const { moments } = (await openRun(run)).record;
    const moment = wanted === undefined ? moments.at(-1) : moments.find(({ key }) => key === wanted);
    if (!moment)
      throw new ConfigError({
        where: path,
        rule: wanted === undefined ? 'must hold a circuit' : `must hold the circuit of ${flag}`,
        got: wanted ?? 'none',
        cure:
          moments.length === 0
            ? 'Give a run that searched for one'
            : `Take one of ${moments.map(({ key }) => key).join(', ')}`,
      });
    const text = (await keptText(run, moment.path))!; // the record has it from there
    return parsed(text, `${path}, ${moment.key}`, `${path}/${moment.path}`);
  } finally {
    await place.remove();
  }
}

const parsed = (text: string, name: string, where: string): CircuitAt => ({
  name,
  ...readCircuit(text, where),
  json: JSON.parse(text) as GraphJson,
});
