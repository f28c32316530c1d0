/** What a run of `bench step` found: for machines the whole of it, for people two tables. */
import type { Timed } from '../device/meter.js';
import { digits, markdown, mebibytes } from '../markdown.js';
import { median, medianOf, type Samples } from '../sampling.js';
import { stepTitles } from './cases.js';
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
  /** The most bytes alive on the device, weights included: as planned, and as measured where that was asked for. */
  readonly peak_bytes: Readonly<Record<string, number>>;
  readonly measured_peak_bytes: Readonly<Record<string, number>>;
  readonly samples: Samples;
}

/** The dispatches of one sample of each case. */
export type Profiles = Readonly<Record<string, readonly Timed[]>>;

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
  const { shape, peer_shape: peerShape, samples, by_cpu: byCpu, by_gpu: byGpu } = report;
  const { peak_bytes: planned, measured_peak_bytes: measured } = report;
  const isMeasured = Object.keys(measured).length > 0;
  const times = Object.keys(samples).map((name) => [
    others[name] ?? titleOf(name),
    digits(medianOf(samples, name, 'wallMs')),
    digits(medianOf(samples, name, 'cpuMs')),
    digits(medianOf(samples, name, 'gpuMs')),
    digits(medianOf(samples, name, 'hostMs')),
    digits(median(samples[name]!.map(({ dispatches }) => dispatches))),
    mebibytes(planned[name]),
    ...(isMeasured ? [mebibytes(measured[name])] : []),
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
    markdown(
      [
        'median of one step',
        'ms',
        'CPU ms',
        'GPU ms',
        'host ms',
        'dispatches',
        'peak on the device',
        ...(isMeasured ? ['as measured'] : []),
      ],
      times,
    ),
    '',
    markdown(['', 'by wall clock', 'by CPU time', 'by GPU time', 'to reach'], ratios),
  ].join('\n');
}

/** Time of a step by kernel and entry point, each dispatch at its fastest; then what steps take of a plain one. */
export function printProfile(adapter: string, profiles: Profiles): string {
  const totals = new Map<string, number>();
  const parts = Object.entries(profiles).map(([name, dispatches]) => {
    const rows = byEntry(dispatches);
    const total = rows.reduce((sum, { ms }) => sum + ms, 0);
    totals.set(name, total);
    const lines = rows.map(({ entry, ms, count }) => [
      entry,
      digits(ms),
      `${((100 * ms) / total).toFixed(1)}%`,
      String(count),
      digits((1e3 * ms) / count),
    ]);
    return `${titleOf(name)}: ${digits(total)} ms\n\n${markdown(['kernel', 'ms', 'share', 'dispatches', 'µs each'], lines)}`;
  });
  const full = totals.get('full');
  const ratios = [...totals].map(([name, ms]) => [titleOf(name), digits(ms), full ? digits(ms / full) : '–']);
  return [adapter, ...parts, markdown(['device time', 'ms', 'over a plain full step'], ratios)].join('\n\n');
}

const titleOf = (name: string): string => (stepTitles as Readonly<Record<string, string>>)[name] ?? name;

/** A pipeline's label is kernel, entry point and constants: 'matmulNT.forward_bias {"WG":16}'. Longest first. */
function byEntry(dispatches: readonly Timed[]): { entry: string; ms: number; count: number }[] {
  const sums = new Map<string, { entry: string; ms: number; count: number }>();
  for (const { label, ms } of dispatches) {
    const entry = label.split(' ')[0]!;
    const known = sums.get(entry) ?? { entry, ms: 0, count: 0 };
    sums.set(entry, { entry, ms: known.ms + ms, count: known.count + 1 });
  }
  return [...sums.values()].toSorted((a, b) => b.ms - a.ms);
}
