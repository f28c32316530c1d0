/** What the host takes to submit a dispatch of a replayed plan, out of the samples of all cases. */
import { median, type Sample, type Samples } from '../sampling.js';

export interface HostTime {
  /**
   * CPU time of the thread that submits, of each submit its fastest round, median over submits: what else the machine does
   * only ever adds. Where no clock tells a thread's CPU time, the same by the wall clock.
   */
  readonly host_us_per_dispatch: number | null;
  /** Median over all submits of all rounds. */
  readonly host_us_per_dispatch_cpu: number | null;
  /** The same by the wall clock: waiting for a core is in it. */
  readonly host_us_per_dispatch_wall: number | null;
}

export function hostTimeOf(samples: Samples): HostTime {
  const cases = Object.values(samples);
  const rounds = (of: (sample: Sample) => readonly number[] | undefined): (readonly number[])[][] =>
    cases.map((rounds) => rounds.flatMap((sample) => [of(sample) ?? []]));
  const middle = (values: readonly number[]): number | null => (values.length > 0 ? median(values) : null);
  const [cpu, wall] = [rounds(({ hostCpuUs }) => hostCpuUs), rounds(({ hostWallUs }) => hostWallUs)];
  return {
    host_us_per_dispatch: middle(cpu.flatMap(fastest)) ?? middle(wall.flatMap(fastest)),
    host_us_per_dispatch_cpu: middle(cpu.flat(2)),
    host_us_per_dispatch_wall: middle(wall.flat(2)),
  };
}

/** Of each submit; rounds that submitted less (another circuit was found) have no say in what they lack. */
function fastest(rounds: readonly (readonly number[])[]): number[] {
  const most = Math.max(0, ...rounds.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) => Math.min(...rounds.flatMap((round) => round[i] ?? [])));
}
