/** What the host takes to submit a dispatch of a replayed plan, out of the samples of all cases. */
import type { Submitted } from '../device/meter.js';
import { median, type Samples } from '../sampling.js';

export interface HostTime {
  /**
   * CPU time of the thread that submits, of each submit its fastest round, over all dispatches: what else the machine does
   * only ever adds. Where no clock tells a thread's CPU time, the same by the wall clock.
   */
  readonly host_us_per_dispatch: number | null;
  /** Of a whole sample, the median of all. */
  readonly host_us_per_dispatch_cpu: number | null;
  /** The same by the wall clock: waiting for a core is in it. */
  readonly host_us_per_dispatch_wall: number | null;
}

type Cost = (submit: Submitted) => number;

const byWall: Cost = ({ wallUs }) => wallUs;
const byCpu: Cost = ({ cpuUs, wallUs }) => cpuUs ?? wallUs;

export function hostTimeOf(samples: Samples): HostTime {
  const cases = Object.values(samples).map((rounds) => rounds.flatMap(({ submits }) => (submits ? [submits] : [])));
  const all = cases.flat();
  if (all.length === 0)
    return { host_us_per_dispatch: null, host_us_per_dispatch_cpu: null, host_us_per_dispatch_wall: null };
  const isTold = all.flat().every(({ cpuUs }) => cpuUs !== undefined);
  return {
    host_us_per_dispatch: perDispatch(cases.flatMap(fastest), byCpu),
    host_us_per_dispatch_cpu: isTold ? median(all.map((submits) => perDispatch(submits, byCpu))) : null,
    host_us_per_dispatch_wall: median(all.map((submits) => perDispatch(submits, byWall))),
  };
}

const perDispatch = (submits: readonly Submitted[], cost: Cost): number =>
  submits.reduce((sum, submit) => sum + cost(submit), 0) / submits.reduce((sum, { dispatches }) => sum + dispatches, 0);

/** Of each submit, by what it took a dispatch: where another circuit was found, a round's submits are of other lengths. */
function fastest(rounds: readonly (readonly Submitted[])[]): Submitted[] {
  const most = Math.max(0, ...rounds.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) =>
    rounds
      .flatMap((round) => round[i] ?? [])
      .reduce((best, next) => (perDispatch([next], byCpu) < perDispatch([best], byCpu) ? next : best)),
  );
}
