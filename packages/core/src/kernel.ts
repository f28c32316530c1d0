/**
 * A kernel: how one op is computed in WGSL. The .wgsl file is valid as it lies; this descriptor adds what WGSL cannot say:
 * grids, sizes to test, when the kernel applies. Several kernels may serve one op; `plan/choose.ts` picks.
 *
 * Conventions the generic test enforces: entry points are named `forward…` or `backward…`; storage variables carry the op's
 * tensor names (cotangents `dX`); the uniform is a struct of dims and attrs; at most 8 storage bindings an entry point.
 */
import type { Op, Shape, Size } from './op.js';
import type { AdapterTimings } from './plan/adapterTimings.js';

export interface Binding {
  binding: number;
  /** The op's name of the tensor, or the kernel's own scratch. */
  tensor: string;
  access: 'read' | 'read_write';
}

/** What reflection of the .wgsl says about one entry point; generated, checked in, checked by a test. */
export interface EntryLayout {
  bindings: Binding[];
  /** The uniform struct: its binding, members in order, byte size. Absent when the entry point reads no parameters. */
  params?: { binding: number; size: number; members: { name: string; type: 'u32' | 'f32'; offset: number }[] };
}

/** Entry points in file order, and the defaults of `override` constants. */
export interface KernelLayout {
  entries: Record<string, EntryLayout>;
  constants: Size;
}

/** What the operands of products are rounded to; sums, and all else, are f32. */
export const precisions = ['f32', 'f16'] as const;
export type Precision = (typeof precisions)[number];

/** What a kernel may ask of the device it runs on. Plain data, so that plans can be made without a device. */
export interface Capabilities {
  features: ReadonlySet<string>;
  limits: {
    maxStorageBufferBindingSize: number;
    maxBufferSize: number;
    maxStorageBuffersPerShaderStage: number;
    maxComputeWorkgroupStorageSize: number;
    maxComputeInvocationsPerWorkgroup: number;
    maxComputeWorkgroupsPerDimension: number;
    minStorageBufferOffsetAlignment: number;
    minUniformBufferOffsetAlignment: number;
  };
  subgroup?: { min: number; max: number };
  /** 'f16': products may round their operands to it. Nothing does unless told. */
  precision?: Precision | undefined;
  /** Edges of the square matrices of f16 that a subgroup multiplies into f32. */
  subgroupMatrices?: readonly number[];
  /** A CPU pretending to be a GPU (lavapipe, SwiftShader): other kernels are fast there. */
  isSoftware: boolean;
  /** All that the adapter says of itself: vendor, architecture, device, description. */
  adapter?: string;
}

/** What a kernel took on one kind of adapter, named by words, for one call. */
export interface KernelTiming {
  readonly words: readonly string[];
  readonly pass: 'forward' | 'backward';
  readonly dims: Size;
  readonly ms: number;
}

/** Sizes to test and bench; `without` leaves optional inputs out, `attrs` overrides the op's. */
export interface KernelCase {
  dims: Size;
  attrs?: Size;
  without?: readonly string[];
}

export interface Kernel {
  /** The file's name: the op's, plus a variant (`matmulNT.subgroup`). */
  readonly name: string;
  readonly op: Op;
  readonly wgsl: string;
  /** Workgroups for each entry point: one to three numbers. One number above 65535 is folded into two by the planner. */
  readonly grid: Record<string, (dims: Size, constants: Size) => readonly number[]>;
  /** WGSL variable → tensor, where one tensor is written by one entry point and read by another. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Tensors of the kernel's own, alive during one call. */
  readonly scratch?: Readonly<Record<string, Shape>>;
  /** Sizes that appear in scratch shapes and grids beside the op's own. */
  readonly derived?: (dims: Size) => Size;
  /** Values for `override` constants. */
  readonly constants?: (dims: Size, capabilities: Capabilities) => Size;
  /** Features of the device without which it does not compile. */
  readonly needs?: readonly string[];
  /** Whether it can serve a call of these sizes; everything may be served unless told. */
  readonly when?: (dims: Size, capabilities: Capabilities) => boolean;
  /** Whether it should, of calls that it can, on an adapter where nothing near was measured. A forced one is not asked. */
  readonly suits?: (dims: Size, capabilities: Capabilities) => boolean;
  /** Operations of a call below which compiling it takes longer than it can ever win back. A forced one is not asked. */
  readonly leastFlops?: number;
  /** It rounds operands to f16: out of the question, whatever its times, unless the session was opened for that. */
  readonly isHalf?: boolean;
  /** Among the kernels that apply and suit, the highest wins; the naive one is 0. */
  readonly rank: number;
  readonly cases: readonly KernelCase[];
  /** Bytes that must cross memory and floating-point operations of one forward call, for benches. */
  readonly bytes?: (dims: Size) => number;
  readonly flops?: (dims: Size) => number;
  /** Largest relative L2 error against the f64 loops; above 1e-5 only with a reason beside it. */
  readonly tolerance?: number;
  readonly layout: KernelLayout;
  /** From the files of timings that ship; where they have something near a call, they decide instead of `rank`. */
  readonly timings?: readonly KernelTiming[];
}

export type KernelSpec = Omit<Kernel, 'op' | 'layout' | 'name' | 'rank' | 'timings'> & { rank?: number };

/** A kernel as its file writes it: the index adds name and layout. */
export interface KernelSource extends Omit<Kernel, 'layout' | 'name' | 'timings'> {
  readonly layout?: never;
}

export const defineKernel = (op: Op, spec: KernelSpec): KernelSource => ({ rank: 0, ...spec, op });

/** Called by the generated index: variables of the .wgsl become tensors of the op. */
export function withLayout(
  name: string,
  source: KernelSource,
  reflected: KernelLayout,
  measured: readonly AdapterTimings[] = [],
): Kernel {
  const entries = Object.entries(reflected.entries).map(([entry, layout]) => [
    entry,
    {
      ...layout,
      bindings: layout.bindings.map((bound) => ({ ...bound, tensor: source.alias?.[bound.tensor] ?? bound.tensor })),
    },
  ]);
  const timings = measured.flatMap(({ words, calls }) =>
    calls.flatMap(({ pass, dims, ms }) => (ms[name] === undefined ? [] : [{ words, pass, dims, ms: ms[name] }])),
  );
  return {
    ...source,
    name,
    timings,
    layout: { ...reflected, entries: Object.fromEntries(entries) as KernelLayout['entries'] },
  };
}
