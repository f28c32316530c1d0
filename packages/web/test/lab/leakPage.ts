/** A page of somebody else that runs experiments one after the other: all in one worker, or each in a worker of its own. */
import { openLab, type Lab, type Status } from '../../src/index.js';

/** What the page of the test offers to it. */
export interface LeakDriver {
  /** Another run in the worker that stays, and a question to its model; the buffers that the device has afterwards. */
  run(text: string): Promise<number>;
  /** A worker of its own, a run in it, and both given back; the buffers that were left when the device was. */
  visit(text: string): Promise<number>;
}

const port = new BroadcastChannel('devices');
const told = (): Promise<number> =>
  new Promise((resolve) => {
    port.addEventListener('message', ({ data }) => resolve(data as number), { once: true });
  });

const open = (): Promise<Lab> => openLab({ worker: '/worker.js', embedded: '/embedded', onEvent: () => {} });

async function runToEnd(lab: Lab, text: string): Promise<void> {
  await lab.start({ text });
  const ends: readonly Status['phase'][] = ['done', 'stopped', 'failed'];
  while (!ends.includes(lab.status.phase)) await new Promise((resolve) => setTimeout(resolve, 5));
  if (lab.status.phase !== 'done') throw new Error(lab.status.trouble?.message ?? lab.status.phase);
}

let staying: Promise<Lab> | undefined;

const driver: LeakDriver = {
  async run(text) {
    const lab = await (staying ??= open());
    await runToEnd(lab, text);
    await lab.prompt({ prompt: 'the keys', top: 3, off: [], ablation: 'zero' });
    const count = told();
    port.postMessage('count');
    return count;
  },
  async visit(text) {
    const lab = await open();
    await runToEnd(lab, text);
    const left = told();
    await lab.dispose();
    return left;
  },
};
export default (): void => void Object.assign(globalThis, { driver });
