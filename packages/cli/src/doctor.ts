/** `circuit-tuning doctor`: the adapters of this machine, which one is taken and why, and how to get a better one. */
import type { Command } from 'commander';
import { installed, prepareEnvironment, SOFTWARE_KINDS } from './adapter/installed.js';
import { probe, type Probe } from './adapter/probe.js';
import { setUpAdapter } from './adapter/setup.js';
import { AdapterError, openGpu, type GpuInfo } from './gpu.js';

interface Seen extends Partial<Probe> {
  /** Where it comes from. */
  readonly source: string;
  /** What is wrong with it. */
  readonly problem?: string;
}

export interface Diagnosis {
  readonly node: string;
  readonly platform: string;
  readonly found: readonly Seen[];
  /** The adapter commands take here; absent where there is none. */
  readonly taken?: GpuInfo;
  /** Sentences on how to get a better one, or one at all. */
  readonly advice: readonly string[];
}

async function seen(source: string, look: Promise<Probe | null>): Promise<Seen[]> {
  try {
    const probed = await look;
    return probed ? [{ source, ...probed }] : [];
  } catch (error) {
    return [{ source, problem: (error as Error).message }];
  }
}

function advise(taken: GpuInfo | undefined, problem: string | undefined): string[] {
  if (!taken) return [problem ?? 'No adapter was found'];
  if (!taken.isSoftware)
    return taken.features.includes('subgroups')
      ? []
      : ['A newer driver may bring subgroups, which the fast matmul uses'];
  const gpu =
    'A GPU with a Vulkan driver (mesa-vulkan-drivers, or the NVIDIA driver with libvulkan1) is 10 to 1000 times as fast';
  const isSlow = process.platform === 'linux' && !/llvmpipe/i.test(taken.name);
  return [
    ...(isSlow
      ? ['lavapipe is 5 to 10 times as fast as this one: `circuit-tuning doctor --fix` tries to fetch it']
      : []),
    gpu,
  ];
}

/** Looks at every adapter in a process of its own, then opens the one that commands would take. */
export async function diagnose(): Promise<Diagnosis> {
  prepareEnvironment();
  const found = await seen('system', probe());
  for (const kind of SOFTWARE_KINDS) {
    const adapter = installed(kind);
    if (adapter) found.push(...(await seen(`set up: ${adapter.version}`, probe(adapter))));
  }
  let taken: GpuInfo | undefined;
  let problem: string | undefined;
  try {
    const gpu = await openGpu();
    taken = gpu.info;
    gpu.dispose();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    problem = error.message;
  }
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    found,
    ...(taken && { taken }),
    advice: advise(taken, problem),
  };
}

const mebibytes = (bytes: number | undefined): string => `${Math.round((bytes ?? 0) / 2 ** 20)} MiB`;

/** The diagnosis for people. */
export function report({ node, platform, found, taken, advice }: Diagnosis): string {
  const lines = [`Node ${node} on ${platform}`, '', 'Adapters found:'];
  if (!found.length) lines.push('  none');
  for (const { source, name, isSoftware, problem } of found) {
    lines.push(`  ${problem ? `✗ ${problem}` : `${name}${isSoftware ? ' (software)' : ''}`}  [${source}]`);
  }
  if (taken) {
    const { limits, subgroup } = taken;
    lines.push('', `Taken: ${taken.name}`, `  because ${taken.why}`, `  features: ${taken.features.join(', ')}`);
    lines.push(
      `  bindings up to ${mebibytes(limits['maxStorageBufferBindingSize'])}, buffers up to ${mebibytes(limits['maxBufferSize'])}` +
        `, ${limits['maxComputeInvocationsPerWorkgroup']} invocations per workgroup` +
        (subgroup
          ? `, subgroups of ${subgroup.min === subgroup.max ? subgroup.min : `${subgroup.min} to ${subgroup.max}`}`
          : ''),
    );
  }
  if (advice.length) lines.push('', 'To get a better one:', ...advice.map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}

interface DoctorFlags {
  readonly json?: true;
  readonly fix?: true;
  readonly again?: true;
  readonly brief?: true;
}

/** Adds the command. Exit code 1 where no adapter can be taken. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show the adapters found, which one is taken and why, and how to get a better one')
    .option('--json', 'print it for machines')
    .option('--fix', 'fetch a software adapter where there is no GPU')
    .option('--again', 'with --fix: fetch it even if one is set up')
    .option('--brief', 'with --fix: no diagnosis afterwards')
    .action(async ({ json, fix, again, brief }: DoctorFlags) => {
      const say = (line: string): void => void process.stderr.write(`adapter: ${line}\n`);
      const hasAdapter = fix ? await setUpAdapter({ say, isForced: again === true, isContent: brief === true }) : true;
      if (brief && fix) {
        if (!hasAdapter) say('none is there: what needs WebGPU will fail');
        process.exitCode = hasAdapter ? 0 : 1;
        return;
      }
      const diagnosis = await diagnose();
      process.stdout.write(json ? `${JSON.stringify(diagnosis, null, 2)}\n` : report(diagnosis));
      if (!diagnosis.taken) process.exitCode = 1;
    });
}
