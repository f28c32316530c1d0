/** What the tuned variants of the three matrix products have in common. */
import type { Capabilities, KernelCase, KernelSpec, Size } from '@circuit-tuning/core';

export const cost = {
  bytes: ({ M, N, K }: Size): number => 4 * (M! * K! + N! * K! + M! * N!),
  flops: ({ M, N, K }: Size): number => 2 * M! * N! * K!,
} as const satisfies Partial<KernelSpec>;

const subgroupTiles = ({ M, N }: Size, { LANES }: Size): number[] => [
  Math.ceil(M! / (2 * LANES!)),
  Math.ceil(N! / (4 * LANES!)),
];

/** Lanes of every subgroup of the device, where that is one known number. */
const lanes = ({ subgroup }: Capabilities): number => (subgroup && subgroup.min === subgroup.max ? subgroup.min : 0);

/**
 * One SIMD register of a software adapter is one workgroup. Below 32³ products the naive kernel takes no longer than a
 * dispatch, and the compiler (half a second for each entry point, once) is not worth waiting for.
 */
export const subgroup = {
  rank: 20,
  needs: ['subgroups'],
  when: (_dims: Size, capabilities: Capabilities): boolean => [4, 8].includes(lanes(capabilities)),
  suits: (_dims: Size, { isSoftware }: Capabilities): boolean => isSoftware,
  leastFlops: 2 * 32 ** 3,
  constants: (_dims: Size, capabilities: Capabilities): Size => ({ LANES: lanes(capabilities) }),
  grid: subgroupTiles,
} as const;

const TILE = 32;

/**
 * Operations of a call from which on large tiles, written out row by row, are worth their compiler's time: LLVM 15 takes up to
 * a second and a half an entry point, once, where the `subgroup` variant takes half of one. Models of tests and first runs
 * stay below. Keys and values of SmolLM2-135M at 256 positions, 57 million, take 0.6 to 0.8 of what they do by `subgroup`
 * (`pnpm bench tune matmulNN matmulNT matmulTN`, both lavapipes).
 */
const LEAST_UNROLLED = 3 * 2 ** 24;

/** The large tile. */
export const unrolled = {
  rank: 30,
  needs: ['subgroups'],
  when: ({ N }: Size, capabilities: Capabilities): boolean => lanes(capabilities) === 8 && N! % 4 === 0,
  suits: (_dims: Size, { isSoftware }: Capabilities): boolean => isSoftware,
  leastFlops: LEAST_UNROLLED,
  grid: ({ M, N }: Size): number[] => [Math.ceil(M! / TILE), Math.ceil(N! / TILE)],
} as const;

/** LLVM's version, of adapters that say so; 0 of others. */
const llvm = ({ adapter = '' }: Capabilities): number => Number(/LLVM (\d+)/i.exec(adapter)?.[1] ?? 0);

/** Measured with 15, which compiles long text for seconds and makes no gathers of loads, and with 22. */
const isNew = (capabilities: Capabilities): boolean => llvm(capabilities) >= 22;

const TALL = 64;
const paddedTo = (rows: number, M: number): number => rows * Math.ceil(M / rows);

/** Twice the rows, for compilers that are quick, and where that does not end in many rows that are not there. */
export const unrolled64 = {
  rank: 35,
  needs: ['subgroups'],
  when: ({ N }: Size, capabilities: Capabilities): boolean =>
    lanes(capabilities) === 8 && isNew(capabilities) && N! >= TILE,
  suits: ({ M }: Size, { isSoftware }: Capabilities): boolean =>
    isSoftware && paddedTo(TALL, M!) <= 1.1 * paddedTo(TILE, M!),
  leastFlops: LEAST_UNROLLED,
  grid: ({ M, N }: Size): number[] => [Math.ceil(M! / TALL), Math.ceil(N! / TILE)],
} as const;

/** Few rows against all weights, as in a backward pass of the answers alone. */
export const unrolled8 = {
  rank: 40,
  needs: ['subgroups'],
  when: ({ N, K }: Size, capabilities: Capabilities): boolean =>
    lanes(capabilities) === 8 && N! % 4 === 0 && K! % 4 === 0,
  suits: ({ M }: Size, { isSoftware }: Capabilities): boolean => isSoftware && M! <= 8,
  leastFlops: 2 ** 20,
  grid: ({ M, N }: Size): number[] => [Math.ceil(M! / 8), Math.ceil(N! / TILE)],
} as const;

export const unrolled16 = {
  ...unrolled8,
  rank: 45,
  when: (dims: Size, capabilities: Capabilities): boolean => isNew(capabilities) && unrolled8.when(dims, capabilities),
  suits: ({ M }: Size, { isSoftware }: Capabilities): boolean => isSoftware && M! <= 32,
  grid: ({ M, N }: Size): number[] => [Math.ceil(M! / 16), Math.ceil(N! / 64)],
} as const;

const BLOCK = 64;

/** A block of 64 × 64 results by 256 threads: for real GPUs, once half a block is filled. */
export const tiled = {
  rank: 10,
  suits: ({ M, N, K }: Size, { isSoftware }: Capabilities): boolean =>
    !isSoftware && M! >= BLOCK / 2 && N! >= BLOCK / 2 && K! >= 16,
  grid: ({ M, N }: Size): number[] => [Math.ceil(N! / BLOCK), Math.ceil(M! / BLOCK)],
} as const;

/** Whether vectors of four hold whole rows, of operands that lie along these axes. */
const inFours =
  (along: readonly ('M' | 'N' | 'K')[]) =>
  (dims: Size): boolean =>
    along.every((letter) => dims[letter]! % 4 === 0);

/** `tiled` by loads of four neighbours: same sums, same bits. */
export const tiledVec4 = (...along: ('M' | 'N' | 'K')[]) => ({ ...tiled, rank: 12, when: inFours(along) }) as const;

const blocksOf = ({ M, N }: Size): number => Math.ceil(M! / BLOCK) * Math.ceil(N! / BLOCK);
/** Workgroups that keep a large GPU busy. */
const BUSY = 256;

/** Blocks of `tiled` cut along K, for GPUs that they alone would leave idle. */
export const split = {
  rank: 15,
  scratch: { parts: 'S M N' },
  derived: (dims: Size): Size => ({
    S: Math.max(2, Math.min(Math.floor(dims.K! / 256), Math.ceil(BUSY / blocksOf(dims)))),
  }),
  suits: (dims: Size, capabilities: Capabilities): boolean =>
    tiled.suits(dims, capabilities) && dims.K! >= 1024 && blocksOf(dims) <= BUSY / 4,
  blocks: ({ M, N, S }: Size): number[] => [Math.ceil(N! / BLOCK), Math.ceil(M! / BLOCK), S!],
  sums: ({ M, N }: Size): number[] => [Math.ceil((M! * N!) / 256)],
} as const;

/** `split` by loads of four neighbours: same sums, same bits. */
export const splitVec4 = (...along: ('M' | 'N' | 'K')[]) =>
  ({
    ...split,
    rank: 17,
    when: inFours(along),
    sums: ({ M, N }: Size): number[] => [Math.ceil((M! * N!) / 4 / 256)],
  }) as const;

/**
 * Rounding each of two factors is off by up to 2^-11; measured on random numbers, about 3e-4 whatever K is, for errors of
 * either sign add like the terms themselves.
 */
const HALF_TOLERANCE = 2 ** -11;
const LINES = 16;

const halved = {
  isHalf: true,
  alias: { scales_in: 'scales' },
  scratch: { scales: 'L' },
  derived: ({ M, N }: Size): Size => ({ L: M! + N! }),
  tolerance: HALF_TOLERANCE,
} as const;

const scalesGrid = ({ M, N }: Size): number[] => [Math.ceil(M! / LINES) + Math.ceil(N! / LINES)];

/** Products of operands rounded to f16: chosen where the session was opened with `precision: 'f16'`, and only there. */
export const half = {
  ...halved,
  rank: 40,
  needs: ['shader-f16'],
  suits: ({ M, N, K }: Size): boolean => M! >= BLOCK / 2 && N! >= BLOCK / 2 && K! >= 16,
  scales: scalesGrid,
  grid: tiled.grid,
} as const;

/** The same by subgroup matrices of `edge` × `edge`, four subgroups a workgroup. */
export const subgroupMatrix = (edge: 8 | 16) =>
  ({
    ...halved,
    rank: 50,
    needs: ['shader-f16', 'chromium-experimental-subgroup-matrix'],
    when: (_dims: Size, capabilities: Capabilities): boolean =>
      lanes(capabilities) > 0 && (capabilities.subgroupMatrices ?? []).includes(edge),
    suits: half.suits,
    constants: (_dims: Size, capabilities: Capabilities): Size => ({
      LANES: lanes(capabilities),
      THREADS: 4 * lanes(capabilities),
    }),
    scales: scalesGrid,
    grid: ({ M, N }: Size): number[] => [Math.ceil(N! / (4 * edge)), Math.ceil(M! / (4 * edge))],
  }) as const;

/** Sizes to test: none a multiple of a block, of a subgroup matrix, or of a panel. */
export const halfCases = {
  biased: [
    { dims: { M: 33, N: 70, K: 17 } },
    { dims: { M: 65, N: 41, K: 31 }, without: ['bias'] },
    { dims: { M: 70, N: 130, K: 77 } },
  ],
  plain: [{ dims: { M: 33, N: 70, K: 17 } }, { dims: { M: 65, N: 41, K: 31 } }, { dims: { M: 70, N: 130, K: 77 } }],
} as const satisfies Record<string, readonly KernelCase[]>;
