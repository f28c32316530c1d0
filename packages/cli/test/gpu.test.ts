import { testGpu } from '@circuit-tuning/testkit';
import { describe, expect, test } from 'vitest';
import { diagnose, report } from '../src/doctor.js';
import { openGpu } from '../src/gpu.js';

describe('an opened device', () => {
  test('computes, and reports no error', async () => {
    const { device, takeErrors } = await testGpu();
    const code = `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) i: vec3u) { y[i.x] = 3u * i.x; }`;
    const module = device.createShaderModule({ code });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const y = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const out = device.createBuffer({ size: 256, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    const entries = [{ binding: 0, resource: { buffer: y } }];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(y, 0, out, 0, 256);
    device.queue.submit([encoder.finish()]);
    await out.mapAsync(GPUMapMode.READ);
    expect([...new Uint32Array(out.getMappedRange())]).toEqual(Array.from({ length: 64 }, (_, i) => 3 * i));
    expect(takeErrors()).toEqual([]);
  });

  test('has all the limits of its adapter, unless the portable ones are asked for', async () => {
    const { device, adapter } = await testGpu();
    expect(device.limits.maxComputeInvocationsPerWorkgroup).toBe(adapter.limits.maxComputeInvocationsPerWorkgroup);
    const portable = await testGpu('default');
    expect(portable.device.limits.maxComputeInvocationsPerWorkgroup).toBe(256);
    expect(portable.info.limits['maxStorageBufferBindingSize']).toBe(2 ** 27);
  });

  test('says what it is and why it was taken', async () => {
    const { info, device } = await testGpu();
    expect(info.name).not.toBe('');
    expect(info.why).toMatch(/GPU|environment/);
    expect(info.features).toEqual([...device.features].toSorted());
  });

  test('hands errors nobody caught to its owner', async () => {
    const errors: string[] = [];
    const { device, dispose } = await openGpu({ onError: (message) => errors.push(message) });
    device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    await device.queue.onSubmittedWorkDone();
    expect(errors).toEqual([expect.stringContaining('BufferUsage')]);
    dispose();
  });
});

test('doctor lists the adapter it takes among those it found', async () => {
  const diagnosis = await diagnose();
  expect(diagnosis.found.map(({ name }) => name)).toContain(diagnosis.taken?.name);
  expect(report(diagnosis)).toContain(`Taken: ${diagnosis.taken?.name}\n  because ${diagnosis.taken?.why}\n`);
});
