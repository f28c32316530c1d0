/** What the adapter can do at most, as far as plain WGSL gets it to: multiply-adds in registers, and copying. */
import copy from './copy.wgsl';
import fma from './fma.wgsl';
import { openClock } from './clock.js';

export interface Ceiling {
  readonly gflopPerSecond: number;
  readonly gbPerSecond: number;
}

const WORKGROUP = 64;
/** Of fma.wgsl: 64 turns of 32 multiply-adds of four numbers. */
const FLOPS_OF_A_THREAD = 64 * 32 * 4 * 2;
/** Beyond every cache, and by threads of 16 bytes below 65535 workgroups, the most in one dimension. */
const BYTES = 48 * 2 ** 20;
const SAMPLES = 9;

export async function ceilingOf(device: GPUDevice): Promise<Ceiling> {
  const { STORAGE } = GPUBufferUsage;
  const [x, y] = [
    device.createBuffer({ size: BYTES, usage: STORAGE }),
    device.createBuffer({ size: BYTES, usage: STORAGE }),
  ];
  const clock = openClock(device);
  /** The fastest of several: a ceiling is what has been seen. */
  const fastest = async (code: string, buffers: readonly GPUBuffer[], workgroups: number): Promise<number> => {
    const module = device.createShaderModule({ code });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const times: number[] = [];
    for (let i = 0; i < SAMPLES; i++)
      times.push(
        await clock.time((pass) => {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(workgroups);
        }),
      );
    return Math.min(...times);
  };
  try {
    const threads = 2 ** 16;
    const computeMs = await fastest(fma, [y], threads / WORKGROUP);
    const copyMs = await fastest(copy, [x, y], BYTES / 16 / WORKGROUP);
    return {
      gflopPerSecond: (threads * FLOPS_OF_A_THREAD) / computeMs / 1e6,
      gbPerSecond: (2 * BYTES) / copyMs / 1e6,
    };
  } finally {
    clock.dispose();
    x.destroy();
    y.destroy();
  }
}
