/** What a run of `bench step` found: for machines the whole of it, for people two tables. */
import type { Profile } from '../device/meter.js';
import { digits, markdown, mebibytes } from '../markdown.js';
import { median, medianOf, type Samples } from '../sampling.js';
import { stepTitles } from './cases.js';
import type { Profiles } from './measureSteps.js';
import type { Ratios } from './ratios.js';

export interface StepReport extends Ratios {
  /** As its driver calls it. */
  readonly adapter: string;
  readonly node: string;
  readonly shape: Readonly<Record<string, string | number>>;
  /** Of the training step that peers were asked for. */
  readonly peer_shape: Readonly<Record<string, string | number>> | null;
  /** The same by CPU time of the adapter's threads, and by timestamp queries. */
  readonly by_cpu: Ratios;
  readonly by_gpu: Ratios;
  /** The most bytes alive on the device, weights included. */
  readonly peak_bytes: Readonly<Record<string, number>>;
  readonly samples: Samples;
}

/** What each ratio is to reach. */
const targets: Readonly<Partial<Record<keyof Ratios, string>>> = {
  search_over_full: '≤ 1.35',
  masked_over_full: '≤ 0.75',
  amortised8_over_full: '≤ 0.85',
  step_over_matmuls: '≤ 1.4',
  ours_over_jax: '≤ 0.33',
  ours_over_tfjs: '≤ 0.33',
  host_us_per_dispatch: '≤ 5',
  circuit_step_sgd_s: '≤ 4.96',
  circuit_step_adamw_s: '≤ 5.37',
};

const others: Readonly<Record<string, string>> = {
  matmul: 'a square product in f32',
  ours: 'training step of the peers’ model: this project',
  jax: 'the same: jax-js',
  tfjs: 'the same: TensorFlow.js',
};

export function printStep(report: StepReport): string {
  const { shape, peer_shape: peerShape, samples, by_cpu: byCpu, by_gpu: byGpu, peak_bytes: peaks } = report;
  const times = Object.keys(samples).map((name) => [
    (stepTitles as Readonly<Record<string, string>>)[name] ?? others[name] ?? name,
    digits(medianOf(samples, name, 'wallMs')),
    digits(medianOf(samples, name, 'cpuMs')),
    digits(medianOf(samples, name, 'gpuMs')),
    digits(median(samples[name]!.map(({ dispatches }) => dispatches))),
    mebibytes(peaks[name]),
  ]);
  const ratios = (Object.keys(byCpu) as (keyof Ratios)[])
    .filter((name) => report[name] !== null)
    .map((name) => [name, digits(report[name]), digits(byCpu[name]), digits(byGpu[name]), targets[name] ?? '']);
  const told = (sizes: object) =>
    Object.entries(sizes)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return [
    `${report.adapter}, Node ${report.node}`,
    told(shape),
    ...(peerShape ? [`peers: ${told(peerShape)}`] : []),
    '',
    markdown(['median of one step', 'ms', 'CPU ms', 'GPU ms', 'dispatches', 'peak on the device'], times),
    '',
    markdown(['', 'by wall clock', 'by CPU time', 'by GPU time', 'to reach'], ratios),
  ].join('\n');
}

export function printProfile(adapter: string, profiles: Profiles): string {
  const parts = Object.entries(profiles).map(([name, profile]) => {
    const rows = [...byEntry(profile)];
    const total = rows.reduce((sum, [, { ms }]) => sum + ms, 0);
    const lines = rows.map(([entry, { ms, dispatches }]) => [
      entry,
      digits(ms),
      `${((100 * ms) / total).toFixed(1)}%`,
      String(dispatches),
      digits((1e3 * ms) / dispatches),
    ]);
    const title = (stepTitles as Readonly<Record<string, string>>)[name] ?? name;
    return `${title}: ${digits(total)} ms\n\n${markdown(['kernel', 'ms', 'share', 'dispatches', 'µs each'], lines)}`;
  });
  return [adapter, ...parts].join('\n\n');
}

/** A pipeline's label is kernel, entry point and constants: 'matmulNT.forward_bias {"WG":16}'. */
function byEntry(profile: Profile): Profile {
  const sums = new Map<string, { ms: number; dispatches: number }>();
  for (const [label, { ms, dispatches }] of profile) {
    const entry = label.split(' ')[0]!;
    const known = sums.get(entry) ?? { ms: 0, dispatches: 0 };
    sums.set(entry, { ms: known.ms + ms, dispatches: known.dispatches + dispatches });
  }
  return new Map([...sums].toSorted(([, a], [, b]) => b.ms - a.ms));
}
