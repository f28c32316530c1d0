/** Runs where a browser keeps nothing, as in some private windows: they live as long as the tab. */
import { ConfigError, keptEvents, memoryKeeper, textFile, type OutputFile } from '@circuit-tuning/core';
import { webSha256 } from '../run.js';
import type { NewRun, OwnRun, Runs } from '../storage/index.js';
import type { KeptRun } from './protocol.js';

interface Held {
  readonly asked: Omit<NewRun, 'files'>;
  readonly keeper: ReturnType<typeof memoryKeeper>;
  readonly started: string;
  status: KeptRun['status'];
}

export function memoryRuns(): Runs {
  const held = new Map<string, Held>();
  const get = (id: string): Held => {
    const run = held.get(id);
    if (run) return run;
    throw new ConfigError({
      where: id,
      rule: 'must be a run of this tab',
      got: 'none of that name',
      cure: 'Start one',
    });
  };
  const own = (id: string): OwnRun => {
    const run = get(id);
    run.status = 'running';
    return {
      id,
      asked: run.asked,
      keeper: run.keeper,
      ended: async (how) => void (run.status = how),
      close: () => {},
    };
  };
  const tell = async ([id, { asked, keeper, started, status }]: [string, Held]): Promise<KeptRun> => {
    const steps = (await keptEvents(keeper)).filter(({ event }) => event.kind === 'step').length;
    const bytes = [...keeper.files.values()].reduce((sum, file) => sum + file.byteLength, 0);
    const of = asked.steps * asked.methods.length;
    return { id, name: asked.name, started, status, step: steps, of, bytes, canGoOn: true };
  };
  return {
    list: () => Promise.all([...held].toReversed().map(tell)),
    async create({ files, ...asked }) {
      const keeper = memoryKeeper(webSha256);
      const given = await Promise.all(
        files.map(async ({ path, file }): Promise<OutputFile> => textFile(path, await file.text())),
      );
      await keeper.write([textFile('experiment.yaml', asked.experiment), ...given]);
      const started = new Date().toISOString();
      const id = `${asked.name}-${held.size + 1}`;
      held.set(id, { asked, keeper, started, status: 'running' });
      return own(id);
    },
    open: async (id) => own(id),
    files: async (id) => get(id).keeper,
    async remove(id) {
      get(id);
      held.delete(id);
    },
  };
}
