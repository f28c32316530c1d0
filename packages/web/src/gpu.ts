/** Opens a WebGPU device in a browser, in a page or a worker, or says in one sentence why there is none. */
import { CircuitTuningError } from '@circuit-tuning/core';
import { hurryWaits, needsHurry } from './hurryWaits.js';

/** This browser gives no WebGPU device. */
export class BrowserGpuError extends CircuitTuningError {
  static override readonly kind = 'BrowserGpuError';
}

export interface BrowserGpuOptions {
  /** Default: navigator.gpu, undefined where the browser has no WebGPU. */
  readonly gpu?: GPU | undefined;
  /** 'adapter' (default) asks for all the adapter has; 'default' for the limits every WebGPU has. */
  readonly limits?: 'adapter' | 'default';
  /** Whether the page is served in a way that browsers give WebGPU to. Default: globalThis.isSecureContext. */
  readonly isSecure?: boolean;
  /** In a worker: whether its page has WebGPU, for then the worker alone is without. */
  readonly pageHasWebGpu?: boolean;
}

export interface BrowserGpu {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  /** As far as the browser tells, e.g. 'nvidia lovelace'. */
  readonly name: string;
  readonly isSoftware: boolean;
  /** Lanes per subgroup, undefined where the adapter has no subgroups. */
  readonly subgroup: { readonly min: number; readonly max: number } | undefined;
  /** What the page should tell its reader, e.g. that the work runs on the CPU; absent where all is well. */
  readonly notice?: string;
  /** Resolves with a sentence when the device is taken away, whoever took it; never after `close`. */
  readonly lost: Promise<string>;
  /** Gives the device and all of its memory back. */
  close(): void;
}

const WANTED: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Every limit of the adapter, alignments left at their portable defaults. Limits are getters of the prototype. */
function allLimits(limits: GPUSupportedLimits): Record<string, number> {
  const all: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = Reflect.get(limits, name);
    if (typeof value === 'number' && !name.startsWith('min')) all[name] = value;
  }
  return all;
}

/** @throws BrowserGpuError without WebGPU, or without an adapter the browser trusts. */
export async function openBrowserGpu(options: BrowserGpuOptions = {}): Promise<BrowserGpu> {
  const gpu = 'gpu' in options ? options.gpu : (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) throw noWebGpu(options);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new BrowserGpuError({
      where: WHERE,
      rule: 'the browser must offer an adapter',
      got: 'none: there is no GPU, or its driver is on the browser’s blocklist',
      cure:
        'Update the graphics driver and turn hardware acceleration on in the browser’s settings; chrome://gpu or ' +
        'about:support says what is blocked',
    });
  }
  const { info } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED.filter((feature) => adapter.features.has(feature)),
    requiredLimits: options.limits === 'default' ? {} : allLimits(adapter.limits),
  });
  if (needsHurry((globalThis.navigator as Navigator | undefined)?.userAgent ?? '')) hurryWaits(device);
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed adapter';
  const isSoftware =
    info.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(`${name} ${info.architecture}`);
  const { subgroupMinSize: min, subgroupMaxSize: max } = info;
  let isClosed = false;
  return {
    adapter,
    device,
    name,
    isSoftware,
    subgroup: min && max ? { min, max } : undefined,
    ...(isSoftware && { notice: 'This browser computes on the CPU here: everything works, but slowly.' }),
    lost: new Promise((resolve) => {
      void device.lost.then(({ message }) => !isClosed && resolve(message || 'the GPU was lost'));
    }),
    close() {
      isClosed = true;
      device.destroy();
    },
  };
}

/**
 * What to say of an error while a device was at work: whatever was under way fails in its own words when the device goes,
 * and may do so before the loss is told.
 */
export async function lossBehind(error: unknown, { lost }: BrowserGpu): Promise<unknown> {
  if (error instanceof CircuitTuningError) return error;
  const soon = new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), 500));
  const got = await Promise.race([lost, soon]);
  return got === undefined ? error : lostError(got, error);
}

export const lostError = (got: string, cause?: unknown): BrowserGpuError =>
  new BrowserGpuError(
    {
      where: WHERE,
      rule: 'the device must stay',
      // in the words of the browser, or of a driver
      got: `one that was taken away (${got.replace(/\.$/, '')})`,
      cure: 'Go on with it: a run that was kept continues from its last checkpoint',
    },
    { cause },
  );

const WHERE = 'WebGPU';

function noWebGpu({
  isSecure = globalThis.isSecureContext,
  pageHasWebGpu = false,
}: BrowserGpuOptions): BrowserGpuError {
  const cure = 'Use a recent Chrome, Edge, Firefox or Safari';
  if (pageHasWebGpu) {
    const rule = 'the browser must give navigator.gpu to workers too';
    return new BrowserGpuError({ where: WHERE, rule, got: 'WebGPU in pages alone', cure });
  }
  if (isSecure)
    return new BrowserGpuError({ where: WHERE, rule: 'the browser must have navigator.gpu', got: 'none', cure });
  return new BrowserGpuError({
    where: WHERE,
    rule: 'the page must come over https or from localhost, for browsers give WebGPU to no other',
    got: 'an insecure page',
    cure: 'Open it as http://localhost or over https',
  });
}
