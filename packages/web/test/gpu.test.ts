import { expect, test } from 'vitest';
import { lossBehind, openBrowserGpu } from '../src/gpu.js';

/** As much of a browser's WebGPU as opening a device touches. */
function browser(
  info: Partial<GPUAdapterInfo>,
  features: string[] = [],
  lost: Promise<Partial<GPUDeviceLostInfo>> = Promise.resolve({ reason: 'unknown', message: 'driver reset' }),
): { gpu: GPU; asked: GPUDeviceDescriptor[] } {
  const asked: GPUDeviceDescriptor[] = [];
  const adapter = {
    info: { vendor: '', architecture: '', description: '', isFallbackAdapter: false, ...info },
    features: new Set(features),
    limits: { maxBufferSize: 1024, minStorageBufferOffsetAlignment: 32 },
    requestDevice: async (descriptor: GPUDeviceDescriptor) => {
      asked.push(descriptor);
      return { lost, destroy: () => {} };
    },
  };
  // the parts that openBrowserGpu does not touch are left out
  return { gpu: { requestAdapter: async () => adapter } as unknown as GPU, asked };
}

test('a browser without WebGPU is refused with the browsers that have it', async () => {
  await expect(openBrowserGpu({ gpu: undefined, isSecure: true })).rejects.toThrow(
    'WebGPU: the browser must have navigator.gpu, got none. Use a recent Chrome, Edge, Firefox or Safari.',
  );
});

test('an insecure page is told so', async () => {
  await expect(openBrowserGpu({ gpu: undefined, isSecure: false })).rejects.toThrow('got an insecure page. Open it as');
});

test('a worker without WebGPU in a page that has it is told so', async () => {
  await expect(openBrowserGpu({ gpu: undefined, isSecure: true, pageHasWebGpu: true })).rejects.toThrow(
    'WebGPU: the browser must give navigator.gpu to workers too, got WebGPU in pages alone. Use a recent',
  );
});

test('a browser without an adapter is refused with what to look at', async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  await expect(openBrowserGpu({ gpu })).rejects.toThrow('WebGPU: the browser must offer an adapter, got none');
});

test('a GPU is asked for the features it has and for all of its limits but alignments', async () => {
  const { gpu, asked } = browser({ vendor: 'nvidia', architecture: 'lovelace' }, ['subgroups', 'depth-clip-control']);
  const { name, isSoftware, notice } = await openBrowserGpu({ gpu });
  expect({ name, isSoftware, notice }).toEqual({ name: 'nvidia lovelace', isSoftware: false, notice: undefined });
  expect(asked).toEqual([{ requiredFeatures: ['subgroups'], requiredLimits: { maxBufferSize: 1024 } }]);
});

test('portable limits are those of a device that asked for none', async () => {
  const { gpu, asked } = browser({ vendor: 'apple' });
  await openBrowserGpu({ gpu, limits: 'default' });
  expect(asked).toEqual([{ requiredFeatures: [], requiredLimits: {} }]);
});

test('an adapter on the CPU is taken, with a notice', async () => {
  const { gpu } = browser({ vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: true });
  expect(await openBrowserGpu({ gpu })).toMatchObject({ isSoftware: true, notice: expect.stringContaining('slowly') });
});

test('a lost device says why', async () => {
  const { gpu } = browser({ vendor: 'intel' });
  expect(await (await openBrowserGpu({ gpu })).lost).toBe('driver reset');
});

test('a device that anybody else destroyed is lost too, one that is closed is not', async () => {
  let destroy: (info: Partial<GPUDeviceLostInfo>) => void = () => {};
  const lost = new Promise<Partial<GPUDeviceLostInfo>>((resolve) => (destroy = resolve));
  const { gpu } = browser({ vendor: 'intel' }, [], lost);
  const [kept, closed] = [await openBrowserGpu({ gpu }), await openBrowserGpu({ gpu })];
  const told: string[] = [];
  void closed.lost.then((message) => told.push(message));
  closed.close();
  destroy({ reason: 'destroyed', message: '' });
  expect(await kept.lost).toBe('the GPU was lost');
  expect(told).toEqual([]);
});

test('an error behind which a device was lost says so, others stay as they are', async () => {
  const { gpu } = browser({ vendor: 'intel' });
  const aborted = new DOMException('mapAsync was aborted', 'AbortError');
  expect(await lossBehind(aborted, await openBrowserGpu({ gpu }))).toMatchObject({
    name: 'BrowserGpuError',
    message:
      'WebGPU: the device must stay, got one that was taken away (driver reset). Go on with it: a run that was kept continues from its last checkpoint.',
  });
  const { gpu: sound } = browser({ vendor: 'intel' }, [], new Promise(() => {}));
  const error = new Error('a bug');
  expect(await lossBehind(error, await openBrowserGpu({ gpu: sound }))).toBe(error);
});
