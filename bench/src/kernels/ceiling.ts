/** What the adapter can do at most, as far as plain WGSL gets it to: multiply-adds in registers, and copying. */
import copy from './copy.wgsl';
import fma from './fma.wgsl';
import type { Gpu } from '@circuit-tuning/testkit';
import { workerCpuMs } from '../device/workerCpu.js';
import { openClock } from './clock.js';

export interface Ceiling {
  readonly gflopPerSecond: number;
  readonly gbPerSecond: number;
  /** The same of one core, by CPU time of a software adapter's threads. */
  readonly ofCore?: { readonly gflopPerSecond: number; readonly gbPerSecond: number };
}

interface Fastest {
  ms: number;
  /** Infinity where nobody tells. */
  cpuMs: number;
}

const WORKGROUP = 64;
/** Of fma.wgsl: 64 turns of 32 multiply-adds of four numbers. */
const FLOPS_OF_A_THREAD = 64 * 32 * 4 * 2;
/** Beyond every cache, and by threads of 16 bytes below 65535 workgroups, the most in one dimension. */
const BYTES = 48 * 2 ** 20;
const SAMPLES = 9;

export async function ceilingOf({ device, info }: Pick<Gpu, 'device' | 'info'>): Promise<Ceiling> {
  const { STORAGE } = GPUBufferUsage;
  const [x, y] = [
    device.createBuffer({ size: BYTES, usage: STORAGE }),
    device.createBuffer({ size: BYTES, usage: STORAGE }),
  ];
  const clock = openClock(device);
  /** The fastest of several: a ceiling is what has been seen. */
  const fastest = async (code: string, buffers: readonly GPUBuffer[], workgroups: number): Promise<Fastest> => {
    const module = device.createShaderModule({ code });
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const found = { ms: Infinity, cpuMs: Infinity };
    for (let i = 0; i < SAMPLES; i++) {
      const before = info.isSoftware ? workerCpuMs() : undefined;
      const ms = await clock.time((pass) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(workgroups);
      });
      const after = workerCpuMs();
      found.ms = Math.min(found.ms, ms);
      if (before !== undefined && after !== undefined) found.cpuMs = Math.min(found.cpuMs, after - before);
    }
    return found;
  };
  try {
    const threads = 2 ** 16;
    const compute = await fastest(fma, [y], threads / WORKGROUP);
    const copied = await fastest(copy, [x, y], BYTES / 16 / WORKGROUP);
    const rates = (by: keyof Fastest) => ({
      gflopPerSecond: (threads * FLOPS_OF_A_THREAD) / compute[by] / 1e6,
      gbPerSecond: (2 * BYTES) / copied[by] / 1e6,
    });
    return { ...rates('ms'), ...(compute.cpuMs < Infinity && { ofCore: rates('cpuMs') }) };
  } finally {
    clock.dispose();
    x.destroy();
    y.destroy();
  }
}
