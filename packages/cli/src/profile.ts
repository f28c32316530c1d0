/** `--profile`: where the time of a command went, by phase and by kernel; a table on stderr, JSON beside the run's files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Profiler, type KernelTime, type PhaseTime, type Profile } from '@circuit-tuning/core';
import type { Command } from 'commander';
import { number, percent, table } from './table.js';

export interface ProfileFlag {
  readonly profile?: true;
}

export const addProfile = (command: Command): Command =>
  command.option('--profile', 'tell where the time went, by phase and by kernel (the command takes longer)');

/** What the device's session is to be handed, if it is asked for. */
export const profilerOf = ({ profile }: ProfileFlag): Profiler | undefined => (profile ? new Profiler() : undefined);

/** What `--json` prints besides. */
export const withProfile = (facts: object, profiler: Profiler | undefined): object => ({
  ...facts,
  ...(profiler && { profile: profiler.report() }),
});

export interface Told {
  /** Folder that gets a profile.json. */
  readonly out?: string;
  /** With --json the profile stands in what is printed. */
  readonly isJson: boolean;
}

/** Once the command has said all else. */
export async function tellProfile(profiler: Profiler | undefined, { out, isJson }: Told): Promise<void> {
  if (!profiler) return;
  const profile = profiler.report();
  if (out !== undefined) await writeFile(join(out, 'profile.json'), `${JSON.stringify(profile, null, 2)}\n`);
  if (!isJson) process.stderr.write(profileTables(profile));
}

/** Kernels, the most a screen shows. */
const SHOWN = 20;

export function profileTables({ ms, has_timestamps: isTimed, phases, kernels }: Profile): string {
  const head = [
    'phase',
    'time',
    'share',
    'on the host',
    'waiting',
    ...(isTimed ? ['device'] : []),
    'runs',
    'dispatches',
  ];
  const rows = phases.map((phase: PhaseTime) => [
    phase.phase,
    seconds(phase.ms),
    percent(phase.ms / ms),
    seconds(phase.host_ms),
    seconds(phase.wait_ms),
    ...(isTimed ? [seconds(phase.device_ms)] : []),
    number(phase.runs),
    number(phase.dispatches),
  ]);
  const all = byPass(kernels);
  const rest = all.length - SHOWN;
  return [
    `\nProfile: ${seconds(ms)} in all\n\n`,
    table(head, rows),
    '\n',
    isTimed ? timedTable(all) : countedTable(all.slice(0, SHOWN)),
    ...(rest > 0 ? [`and ${rest} more\n`] : []),
    isTimed
      ? '\nEach dispatch was timed in a pass of its own, and each run waited for: without --profile it takes less.\n'
      : '\nThis adapter has no timestamp queries: dispatches are counted, how long each took is not known.\n',
  ].join('');
}

interface PassTime {
  readonly kernel: string;
  readonly pass: 'forward' | 'backward';
  readonly phases: Map<string, number>;
  dispatches: number;
  deviceMs: number;
  flops: number;
}

/** The entry points of one pass belong together, and so do the phases they ran in. Longest first. */
function byPass(kernels: readonly KernelTime[]): PassTime[] {
  const passes = new Map<string, PassTime>();
  for (const { kernel, entry, phase, dispatches, device_ms: ms = 0, flops } of kernels) {
    const pass = entry.startsWith('backward') ? 'backward' : 'forward';
    const key = `${kernel} ${pass}`;
    const sum = passes.get(key) ?? { kernel, pass, phases: new Map(), dispatches: 0, deviceMs: 0, flops: 0 };
    passes.set(key, sum);
    sum.dispatches += dispatches;
    sum.deviceMs += ms;
    sum.flops += flops;
    sum.phases.set(phase, (sum.phases.get(phase) ?? 0) + (ms || dispatches));
  }
  return [...passes.values()].toSorted((a, b) => b.deviceMs - a.deviceMs || b.dispatches - a.dispatches);
}

function timedTable(all: readonly PassTime[]): string {
  const total = all.reduce((sum, { deviceMs }) => sum + deviceMs, 0);
  return table(
    ['kernel', 'pass', 'device', 'share', 'dispatches', 'each', 'GFLOP/s', 'most of it in'],
    all
      .slice(0, SHOWN)
      .map(({ kernel, pass, deviceMs, dispatches, flops, phases }) => [
        kernel,
        pass,
        seconds(deviceMs),
        percent(deviceMs / total),
        number(dispatches),
        `${number(Number((deviceMs / dispatches).toPrecision(3)))} ms`,
        flops > 0 && deviceMs > 0 ? number(Number((flops / deviceMs / 1e6).toPrecision(3))) : '',
        most(phases),
      ]),
  );
}

const countedTable = (shown: readonly PassTime[]): string =>
  table(
    ['kernel', 'pass', 'dispatches', 'most of it in'],
    shown.map(({ kernel, pass, dispatches, phases }) => [kernel, pass, number(dispatches), most(phases)]),
  );

const most = (phases: ReadonlyMap<string, number>): string => [...phases].toSorted(([, a], [, b]) => b - a)[0]![0];

const seconds = (ms = 0): string => `${(ms / 1000).toFixed(ms < 100_000 ? 3 : 1)} s`;
