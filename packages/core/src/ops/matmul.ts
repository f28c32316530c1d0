/**
 * The three matrix products of a linear layer. Each is the gradient of the others, so none needs backward loops.
 * Weights are [units, width]: reading from the residual stream is NT, writing to it is NN, a weight's gradient is TN.
 */
import { defineOp, type Op, type Tape } from '../op.js';
import type { Value } from '../graph/value.js';
import { columnSum } from './columnSum.js';
import { gatherColumns } from './gatherColumns.js';

/** y[m, n] = Σ_k a[m, k] · b[n, k] + bias[n]. A read: a = x [N, D], b = W [U, D], y [N, U]. */
export const matmulNT: Op = defineOp({
  name: 'matmulNT',
  inputs: { a: 'M K', b: 'N K', bias: 'N' },
  optional: ['bias'],
  outputs: { y: 'M N' },
  forward: ({ a, b, bias }, { M, N, K }) => ({
    y: product(
      M,
      N,
      K,
      (m, k) => a[m * K + k]!,
      (n, k) => b[n * K + k]!,
      (_m, n) => (bias ? bias[n]! : 0),
    ),
  }),
  adjoint(tape, { ins, label }, { dY }, wanted) {
    const grads: Record<string, Value> = {};
    if (wanted.has('a')) grads.a = multiply(tape, matmulNN, dY!, ins.b!, `${label}.dA`);
    if (wanted.has('b')) grads.b = weightGradient(tape, dY!, ins.a!, tape.rowsWanted(ins.b!), `${label}.dB`);
    if (wanted.has('bias')) grads.bias = sumColumns(tape, dY!, `${label}.dBias`);
    return grads;
  },
});

/** y[m, n] = Σ_k a[m, k] · b[k, n] + bias[n]. A write: a = z [N, U], b = W [U, D], y [N, D]. */
export const matmulNN: Op = defineOp({
  name: 'matmulNN',
  inputs: { a: 'M K', b: 'K N', bias: 'N' },
  optional: ['bias'],
  outputs: { y: 'M N' },
  forward: ({ a, b, bias }, { M, N, K }) => ({
    y: product(
      M,
      N,
      K,
      (m, k) => a[m * K + k]!,
      (n, k) => b[k * N + n]!,
      (_m, n) => (bias ? bias[n]! : 0),
    ),
  }),
  adjoint(tape, { ins, label }, { dY }, wanted) {
    const grads: Record<string, Value> = {};
    if (wanted.has('a')) grads.a = multiply(tape, matmulNT, dY!, ins.b!, `${label}.dA`);
    if (wanted.has('b')) grads.b = weightGradient(tape, ins.a!, dY!, tape.rowsWanted(ins.b!), `${label}.dB`);
    if (wanted.has('bias')) grads.bias = sumColumns(tape, dY!, `${label}.dBias`);
    return grads;
  },
});

/** y[m, n] = Σ_k a[k, m] · b[k, n]: the gradient of a weight, summed over positions k. */
export const matmulTN: Op = defineOp({
  name: 'matmulTN',
  inputs: { a: 'K M', b: 'K N' },
  outputs: { y: 'M N' },
  forward: ({ a, b }, { M, N, K }) => ({
    y: product(
      M,
      N,
      K,
      (m, k) => a[k * M + m]!,
      (n, k) => b[k * N + n]!,
      () => 0,
    ),
  }),
});

type At = (row: number, k: number) => number;

function product(M: number, N: number, K: number, a: At, b: At, start: At): Float64Array {
  const y = new Float64Array(M * N);
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++) {
      let sum = start(m, n);
      for (let k = 0; k < K; k++) sum += a(m, k) * b(n, k);
      y[m * N + n] = sum;
    }
  return y;
}

const multiply = (tape: Tape, op: Op, a: Value, b: Value, label: string): Value =>
  tape.call(op, { a, b }, { label }).y!;

/** Of the units in `rows` alone: the others are left out before anything is multiplied. */
function weightGradient(tape: Tape, a: Value, b: Value, rows: Value | undefined, label: string): Value {
  const chosen = rows ? tape.call(gatherColumns, { x: a, columns: rows }, { label: `${label}.rows` }).y! : a;
  return tape.call(matmulTN, { a: chosen, b }, { label }).y!;
}

const sumColumns = (tape: Tape, x: Value, label: string): Value => tape.call(columnSum, { x }, { label }).y!;
