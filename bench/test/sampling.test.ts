import { describe, expect, it } from 'vitest';
import { testGpu } from '@circuit-tuning/testkit';
import { Meter } from '../src/device/meter.js';
import { cheapest } from '../src/device/cheapest.js';
import { median } from '../src/sampling.js';

describe('median', () => {
  it('is the middle of an odd number of values, and halfway between two of an even one', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe('cheapest', () => {
  it('takes of each dispatch the fastest round, and only rounds of the same dispatches', () => {
    const round = (...times: number[]) => times.map((ms, i) => ({ label: `k${i}`, ms }));
    const other = [
      { label: 'k1', ms: 0 },
      { label: 'k0', ms: 0 },
    ];
    expect(cheapest([other, round(3, 1), round(2, 5)])).toEqual(round(2, 1));
    expect(cheapest([])).toEqual([]);
  });
});

describe('Meter', () => {
  it('counts the bytes of buffers until they are destroyed, each once, and gives the device its methods back', async () => {
    const { device } = await testGpu();
    const create = device.createBuffer;
    const meter = new Meter(device);
    const usage = GPUBufferUsage.STORAGE;
    const [a, b] = [device.createBuffer({ size: 64, usage }), device.createBuffer({ size: 32, usage })];
    expect(meter.bytes).toBe(96);
    a.destroy();
    a.destroy();
    b.destroy();
    expect([meter.bytes, meter.peakBytes]).toEqual([0, 96]);
    meter.resetPeak();
    expect(meter.peakBytes).toBe(0);
    meter.dispose();
    expect(device.createBuffer).toBe(create);
  });

  it('counts the dispatches of what runs meanwhile', async () => {
    const { device } = await testGpu();
    const module = device.createShaderModule({ code: '@compute @workgroup_size(1) fn main() {}' });
    const pipeline = await device.createComputePipelineAsync({ label: 'nothing', layout: 'auto', compute: { module } });
    const meter = new Meter(device);
    const run = async (): Promise<void> => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      for (let i = 0; i < 3; i++) pass.dispatchWorkgroups(1);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    };
    expect((await meter.measure(run)).dispatches).toBe(3);
    if (device.features.has('timestamp-query'))
      expect(await meter.timeEach(run)).toEqual([1, 2, 3].map(() => ({ label: 'nothing', ms: expect.any(Number) })));
    meter.dispose();
  });
});
