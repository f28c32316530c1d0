/**
 * The one generic test of kernels: layout against the op, gradient against finite differences, GPU against the f64 loops
 * with poisoned, guarded outputs. Whatever is found in the kernels folder goes through it.
 */
import {
  applies,
  cotangentName,
  entriesFor,
  packHalves,
  plan,
  runOnCpu,
  sizeOf,
  tensorsOf,
  type Capabilities,
  type DType,
  type Kernel,
  type KernelCase,
  type Op,
  type Size,
} from '@circuit-tuning/core';
import { caseGraph } from './caseGraph.js';
import { placeName, replay } from './replay.js';

/** What is wrong between a kernel's .wgsl and its op: empty when they agree. */
export function layoutErrors(kernel: Kernel): string[] {
  const errors: string[] = [];
  const { op, layout } = kernel;
  const known = { ...tensorsOf(op), ...kernel.scratch };
  const aCase = kernel.cases[0];
  if (!aCase) return [`${kernel.name}: needs at least one case`];
  const dims: Size = { ...op.attrs, ...aCase.dims, ...kernel.derived?.(aCase.dims) };
  for (const entry of Object.keys(kernel.grid))
    if (!layout.entries[entry]) errors.push(`${kernel.name}: grid '${entry}' has no @compute entry point in the .wgsl`);
  for (const [entry, { bindings, params }] of Object.entries(layout.entries)) {
    const where = `${kernel.name}.${entry}`;
    if (!/^(forward|backward)/.test(entry)) errors.push(`${where}: an entry point starts with 'forward' or 'backward'`);
    if (!kernel.grid[entry]) errors.push(`${where}: has no grid`);
    if (bindings.length > 8) errors.push(`${where}: ${bindings.length} storage bindings, 8 are portable`);
    for (const { binding, tensor, access } of bindings) {
      if (!known[tensor])
        errors.push(
          `${where}: @binding(${binding}) '${tensor}' is not a tensor of the op (${Object.keys(known).join(', ')})`,
        );
      const isInput = tensor in op.inputs && !Object.values(op.inPlace).includes(tensor);
      if (isInput && access === 'read_write') errors.push(`${where}: input '${tensor}' is bound read_write`);
    }
    for (const { name } of params?.members ?? [])
      if (dims[name] === undefined)
        errors.push(`${where}: uniform member '${name}' is no dimension or attribute of ${op.name}`);
  }
  return errors;
}

/** Worst error of an op's gradient (its loops, or its adjoint's) against central differences of its forward, in f64. */
export function gradientError(op: Op, aCase: KernelCase): number {
  const { graph, leaves, outs, watched, dims } = caseGraph(op, aCase, true);
  const grads = runOnCpu(graph, new Map(leaves), watched);
  const loss = (): number => {
    const made = runOnCpu(graph, new Map(leaves), outs);
    return Object.keys(outs).reduce((sum, name) => {
      const seed = leaves.get(cotangentName(name))!;
      return sum + made[name]!.reduce((s, value, i) => s + value * seed[i]!, 0);
    }, 0);
  };
  let worst = 0;
  for (const name of Object.keys(op.inputs)) {
    const data = leaves.get(name);
    const cotangent = grads[cotangentName(name)];
    if (!data || !cotangent || sizeOf(op.inputs[name]!, dims) === 0) continue;
    const stride = Math.max(1, data.length >> 5);
    for (let i = 0; i < data.length; i += stride) {
      const h = 1e-5;
      const at = data[i]!;
      data[i] = at + h;
      const up = loss();
      data[i] = at - h;
      const down = loss();
      data[i] = at;
      const numeric = (up - down) / (2 * h);
      worst = Math.max(worst, Math.abs(numeric - cotangent[i]!) / (1 + Math.abs(numeric)));
    }
  }
  return worst;
}

export const isDifferentiable = (op: Op): boolean => Boolean(op.backward ?? op.adjoint);

const GUARD = 64; // elements behind each output that must stay as they were
const POISON = Number.NaN;
const SENTINEL = -12345.678;

/** Relative L2 error of every tensor the kernel writes, by tensor; NaN where an element was not written. */
export async function gpuErrors(
  device: GPUDevice,
  capabilities: Capabilities,
  kernels: readonly Kernel[],
  kernel: Kernel,
  aCase: KernelCase,
): Promise<Record<string, number>> {
  const hasBackward = Object.keys(kernel.layout.entries).some((entry) => entry.startsWith('backward'));
  const { graph, leaves, watched } = caseGraph(kernel.op, aCase, hasBackward, kernel);
  // A variant for real GPUs must be right on a software adapter too, where nothing would choose it, and the other way round.
  const other = { ...capabilities, isSoftware: !capabilities.isSoftware };
  const assumed = [capabilities, other].find((facts) => applies(kernel, { dims: graph.calls[0]!.dims }, facts));
  if (!assumed) return {};
  const mine = graph.calls.filter(({ op }) => op === kernel.op);
  for (const call of mine)
    if (!entriesFor(kernel, call)) throw new Error(`${kernel.name}: no entry points for ${call.pass} of this case`);
  const expected = runOnCpu(graph, new Map(leaves), watched);
  const ready = plan(graph, {
    kernels,
    capabilities: assumed,
    fetch: watched,
    forced: { [kernel.op.name]: kernel.name },
    isApart: true,
  });

  const buffers = new Map<string, GPUBuffer>();
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const make = (label: string, content: Float32Array | Uint32Array): void => {
    const buffer = device.createBuffer({ label, size: content.byteLength, usage });
    device.queue.writeBuffer(buffer, 0, content as Float32Array<ArrayBuffer>);
    buffers.set(label, buffer);
  };
  const guard = (content: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: content.length + GUARD }, (_, i) => (i < content.length ? content[i]! : SENTINEL));
  ready.slots.forEach((bytes, slot) => make(`slot ${slot}`, guard(new Float32Array(bytes / 4).fill(POISON))));
  for (const { name, dtype, kind } of ready.leaves) {
    const data = leaves.get(name)!;
    make(name, kind === 'state' ? guard(data) : inMemory(dtype, data));
  }
  const { record, dispose } = await replay(device, kernels, ready, (place) => buffers.get(placeName(place))!);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);

  const errors: Record<string, number> = {};
  for (const { name, place, bytes } of ready.fetches) {
    const content = await readBack(device, buffers.get(placeName(place))!);
    const size = bytes / 4;
    errors[name] = relativeError(content.subarray(0, size), expected[name]!);
    const slotSize = 'slot' in place ? ready.slots[place.slot]! / 4 : size;
    if (content.subarray(slotSize).some((value) => value !== Math.fround(SENTINEL)))
      throw new Error(`${kernel.name}: wrote past the end of '${name}'`);
  }
  for (const buffer of buffers.values()) buffer.destroy();
  dispose();
  return errors;
}

function inMemory(dtype: DType, data: Float64Array): Float32Array | Uint32Array {
  if (dtype === 'u32') return Uint32Array.from(data);
  const numbers = Float32Array.from(data);
  return dtype === 'f32' ? numbers : packHalves(numbers, (index) => raise(`${data[index]} is no half`));
}

function raise(message: string): never {
  throw new Error(message);
}

async function readBack(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const staging = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const content = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return content;
}

/** ‖got − want‖ / ‖want‖, or ‖got‖ where want is zero; NaN if any element is. */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < want.length; i++) {
    difference += (got[i]! - want[i]!) ** 2;
    size += want[i]! ** 2;
  }
  return Math.sqrt(size === 0 ? difference : difference / size);
}
