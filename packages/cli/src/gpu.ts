/**
 * Opens a WebGPU device in Node (Dawn, through the npm package `webgpu`): a GPU where there is one, else the software
 * adapter that the set-up fetched. What it is not: the set-up itself (adapter/setup.ts).
 */
import { CircuitTuningError, type Precision } from '@circuit-tuning/core';
import { create, globals } from 'webgpu';
import { activate, installed, isDriverChosen, prepareEnvironment, SOFTWARE_KINDS } from './adapter/installed.js';
import { quietly } from './adapter/native.js';
import { tamePolling } from './adapter/polling.js';

/** No adapter, or one that cannot do what was asked. */
export class AdapterError extends CircuitTuningError {
  static override readonly kind = 'AdapterError';
}

export interface GpuOptions {
  /** 'adapter' (default) asks for all the adapter has; 'default' for the limits every WebGPU has, as a page may get. */
  readonly limits?: 'adapter' | 'default';
  /** Timestamp queries in nanoseconds instead of steps of about 100 µs: for benchmarks. */
  readonly exactTimestamps?: boolean;
  /** 'f16' asks for what products of f16 need, experimental features of Dawn among it; nothing of that unless told. */
  readonly precision?: Precision | undefined;
  /** Validation errors nobody asked for, and a lost device. Default: printed to stderr. */
  readonly onError?: (message: string) => void;
}

export interface GpuInfo {
  /** As the driver calls it, e.g. 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)'. */
  readonly name: string;
  readonly vendor: string;
  readonly backend: 'vulkan' | 'metal' | 'd3d12';
  readonly isSoftware: boolean;
  /** Why this one was taken, in one sentence. */
  readonly why: string;
  /** Features of the device, sorted. */
  readonly features: readonly string[];
  /** Limits of the device. */
  readonly limits: Readonly<Record<string, number>>;
  /** Lanes per subgroup, undefined where the adapter has no subgroups. */
  readonly subgroup: { readonly min: number; readonly max: number } | undefined;
  /** Edges of the square matrices of f16 that a subgroup multiplies into f32; of a device opened with precision 'f16'. */
  readonly subgroupMatrices: readonly number[];
}

export interface Gpu {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  readonly info: GpuInfo;
  /** Destroys the device. The instance behind it lives on: see `keep`. */
  dispose(): void;
}

const WANTED: readonly string[] = ['shader-f16', 'subgroups', 'timestamp-query'];
/** Products of small matrices by a subgroup (tensor cores). Not in the standard yet: Dawn has it behind toggles. */
const MATRICES = 'chromium-experimental-subgroup-matrix';
/** The first and last are for MATRICES. NVIDIA's Vulkan drivers have shader-f16, and Dawn hides it there. */
const HALF_TOGGLES = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia', 'use_vulkan_memory_model'];

// A collected instance takes the process with it (a crash or a hang in the next wait), so every one is kept for ever.
const keep: GPU[] = ((globalThis as { circuitTuningGpus?: GPU[] }).circuitTuningGpus ??= []);

function instance(options: GpuOptions): GPU {
  const gpu = create([
    ...(options.exactTimestamps ? ['disable-dawn-features=timestamp_quantization'] : []),
    ...(options.precision === 'f16' ? [`enable-dawn-features=${HALF_TOGGLES.join(',')}`] : []),
  ]);
  keep.push(gpu);
  return gpu;
}

export interface Found {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  readonly isSoftware: boolean;
  readonly why: string;
}

const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(`${info.description} ${info.architecture}`);

async function look(options: GpuOptions): Promise<Omit<Found, 'why'> | undefined> {
  const gpu = instance(options);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  return adapter ? { gpu, adapter, isSoftware: isSoftware(adapter.info) } : undefined;
}

/** The adapter this process takes, or undefined: the user's drivers, a GPU, the software adapter set up, the system's. */
export function findAdapter(options: GpuOptions = {}): Promise<Found | undefined> {
  prepareEnvironment();
  tamePolling();
  // Node has none of GPUBufferUsage, GPUMapMode, ... by itself
  Object.assign(globalThis, globals);
  return quietly(async () => {
    const isChosen = isDriverChosen();
    const system = await look(options);
    if (isChosen) return system && { ...system, why: 'the environment names this Vulkan driver' };
    if (system && !system.isSoftware) return { ...system, why: 'a GPU comes before software adapters' };
    for (const kind of process.platform === 'linux' ? SOFTWARE_KINDS : []) {
      const adapter = installed(kind);
      if (!adapter) continue;
      activate(adapter);
      const software = await look(options);
      if (software)
        return { ...software, why: `no GPU was found, and ${adapter.version} was set up for such a machine` };
    }
    return system && { ...system, why: 'no GPU was found, and the system brings this software adapter' };
  });
}

const CURES: Readonly<Record<string, string>> = {
  linux: 'Run `circuit-tuning doctor --fix` (in a checkout: `pnpm circuit-tuning doctor --fix`), which fetches one',
  darwin: 'Metal needs macOS 12 or later and a session that may use the GPU',
  win32: 'Update the graphics driver: Direct3D 12 is needed',
};

/** Every limit the adapter has, as a request. Alignments stay at their defaults: smaller ones would not be portable. */
function allLimits(limits: GPUSupportedLimits): Record<string, number> {
  const all: Record<string, number> = {};
  // they are getters of the prototype, so a spread finds none
  for (const name in limits) {
    const value = (limits as unknown as Record<string, unknown>)[name];
    if (typeof value === 'number' && !name.startsWith('min')) all[name] = value;
  }
  return all;
}

const BACKENDS: Readonly<Record<string, GpuInfo['backend']>> = { darwin: 'metal', win32: 'd3d12' };

function describe({ adapter, isSoftware: soft, why }: Found, device: GPUDevice): GpuInfo {
  const { info } = adapter;
  const { subgroupMinSize: min, subgroupMaxSize: max } = info;
  return {
    name:
      info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'unnamed adapter',
    vendor: info.vendor,
    backend: BACKENDS[process.platform] ?? 'vulkan',
    isSoftware: soft,
    why,
    features: [...device.features].toSorted(),
    limits: allLimits(device.limits),
    subgroup: min && max ? { min, max } : undefined,
    subgroupMatrices: (device.features as ReadonlySet<string>).has(MATRICES) ? squares(info) : [],
  };
}

/** As Dawn tells them of the adapter; of the device it tells none. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }>;
}

const squares = (info: GPUAdapterInfo & MatrixInfo): number[] =>
  [...(info.subgroupMatrixConfigs ?? [])]
    .filter(({ componentType: from, resultComponentType: to }) => from === 'f16' && to === 'f32')
    .flatMap(({ M, N, K }) => (M === N && N === K ? [M] : []));

/**
 * A device with shader-f16, subgroups and timestamp-query where the adapter has them.
 * @throws AdapterError where this machine has no adapter, with the cure.
 */
export async function openGpu(options: GpuOptions = {}): Promise<Gpu> {
  const found = await findAdapter(options);
  if (!found) {
    throw new AdapterError({
      where: 'adapter',
      rule: 'WebGPU needs a GPU with a working driver, or a software Vulkan',
      got: 'neither',
      cure: CURES[process.platform] ?? 'This platform has no WebGPU in Node: use Linux, macOS or Windows',
    });
  }
  const { adapter, gpu } = found;
  const wanted = options.precision === 'f16' ? [...WANTED, MATRICES] : WANTED;
  const device = await adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
    requiredLimits: options.limits === 'default' ? {} : allLimits(adapter.limits),
  });
  const onError = options.onError ?? ((message: string) => process.stderr.write(`gpu: ${message}\n`));
  device.addEventListener('uncapturederror', (event) => {
    // else Dawn prints it as well
    event.preventDefault();
    onError(event.error.message);
  });
  void device.lost.then(({ reason, message }) => reason !== 'destroyed' && onError(`device lost: ${message}`));
  return { gpu, adapter, device, info: describe(found, device), dispose: () => device.destroy() };
}
