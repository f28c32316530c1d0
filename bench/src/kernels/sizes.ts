/**
 * Sizes to time beside a kernel's own cases: a layer of a small model (D 64, 256 rows) and of GPT-2 small (D 768, H 12,
 * F 3072, T 256). An op that is missing here is timed on its cases alone.
 */
import type { KernelCase, Size } from '@circuit-tuning/core';

const products: Size[] = [
  { M: 256, N: 64, K: 64 },
  { M: 256, N: 256, K: 64 },
  { M: 256, N: 768, K: 768 },
  { M: 256, N: 3072, K: 768 },
  { M: 1024, N: 1024, K: 1024 },
];
// A weight's gradient has the rows of a batch as its K.
const gradients: Size[] = [
  { M: 64, N: 64, K: 256 },
  { M: 256, N: 64, K: 256 },
  { M: 768, N: 768, K: 256 },
  { M: 3072, N: 768, K: 256 },
  { M: 1024, N: 1024, K: 1024 },
];
const stream: Size[] = [{ N: 2 ** 18 }, { N: 2 ** 22 }];
const rows: Size[] = [
  { N: 256, D: 64 },
  { N: 256, D: 768 },
  { N: 2048, D: 768 },
];
const heads: Size[] = [
  { N: 256, G: 8, E: 8, D: 64 },
  { N: 256, G: 12, E: 64, D: 768 },
];
const edges: Size[] = [
  { S: 41, R: 132, M: 256, D: 64, I: 41 },
  { S: 13, R: 37, M: 256, D: 768, I: 157 },
];
const steps: Size[] = [
  { U: 512, D: 64, J: 8, O: 1 },
  { U: 3072, D: 768, J: 8, O: 1 },
];

const dims: Readonly<Record<string, readonly Size[]>> = {
  matmulNN: products,
  matmulNT: products,
  matmulTN: gradients,
  add: stream,
  sub: stream,
  accumulate: stream,
  gelu: stream,
  swiglu: stream,
  layernorm: rows,
  rmsnorm: rows,
  columnSum: rows,
  groupedNN: heads,
  groupedNT: heads,
  edgeScore: edges,
  sgd: steps,
  adamw: steps,
  attention: [
    { B: 8, T: 32, H: 8, K: 4, E: 8 },
    { B: 1, T: 256, H: 12, K: 12, E: 64 },
  ],
};

/** Optional inputs that would make a timing say something else: random rows to keep are half of them, in no tile's order. */
const without: Readonly<Record<string, readonly string[]>> = { matmulTN: ['keep'] };

export const sizesOf = (op: string): KernelCase[] =>
  (dims[op] ?? []).map((size) => ({ dims: size, ...(without[op] && { without: without[op] }) }));
