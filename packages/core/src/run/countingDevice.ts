/**
 * A device that computes nothing and counts the bytes of its buffers: whatever runs on it says what memory it will take on a
 * real one, by the very code that will take it. What is read back is noise, since a circuit of zeros would own nothing.
 */
import type { Capabilities } from '../kernel.js';
import { Random } from '../task/random.js';
import { MAP_READ } from './usage.js';

/** Numbers of noise, repeated over what is read. */
const NOISE = 4099;

export interface Counted {
  readonly device: GPUDevice;
  /** The most bytes that were held at once; buffers that only carry numbers back to the host are left out. */
  readonly peak: number;
}

/** With what a device of these capabilities tells of itself, so that the same kernels are chosen. */
export function countingDevice({ features, limits, adapter = '' }: Capabilities): Counted {
  let held = 0;
  let peak = 0;
  const noise = noiseOf(new Random(1));
  const createBuffer = ({ label = '', size, usage }: GPUBufferDescriptor) => {
    const counted = usage & MAP_READ ? 0 : size;
    held += counted;
    peak = Math.max(peak, held);
    let isHeld = true;
    return {
      label,
      size,
      usage,
      mapAsync: () => Promise.resolve(),
      getMappedRange: () => noise(size),
      unmap: () => {},
      destroy() {
        if (isHeld) held -= counted;
        isHeld = false;
      },
    };
  };
  const pass = { setPipeline() {}, setBindGroup() {}, dispatchWorkgroups() {}, end() {} };
  const encoder = {
    beginComputePass: () => pass,
    clearBuffer() {},
    copyBufferToBuffer() {},
    resolveQuerySet() {},
    finish: () => ({}),
  };
  const pipeline = { getBindGroupLayout: () => ({}) };
  const device = {
    features,
    limits,
    adapterInfo: { vendor: '', architecture: '', device: '', description: adapter },
    lost: new Promise<never>(() => {}),
    queue: { writeBuffer() {}, submit() {}, onSubmittedWorkDone: () => Promise.resolve() },
    createBuffer,
    createBindGroup: () => ({}),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({ getCompilationInfo: () => Promise.resolve({ messages: [] }) }),
    createComputePipeline: () => pipeline,
    createComputePipelineAsync: () => Promise.resolve(pipeline),
    createCommandEncoder: () => encoder,
    createQuerySet: () => ({ destroy() {} }),
    pushErrorScope() {},
    popErrorScope: () => Promise.resolve(null),
    addEventListener() {},
    removeEventListener() {},
    destroy() {},
  };
  return {
    // All of a device that sessions and programs ask for; a test runs every command on it.
    device: device as unknown as GPUDevice,
    get peak() {
      return peak;
    },
  };
}

/** Bytes of numbers in [-1, 1), a different cut of one list each time. */
function noiseOf(random: Random): (size: number) => ArrayBuffer {
  const list = Float32Array.from({ length: NOISE }, () => 2 * random.float() - 1);
  let at = 0;
  return (size) => {
    const numbers = new Float32Array(Math.ceil(size / 4));
    for (let i = 0; i < numbers.length; i += NOISE) numbers.set(list.subarray(0, numbers.length - i), i);
    // So that two searches find two circuits.
    at = (at + 17) % Math.max(1, numbers.length);
    numbers.copyWithin(0, at);
    return numbers.buffer;
  };
}
