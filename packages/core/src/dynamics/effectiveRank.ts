/**
 * The effective rank of a matrix, e^H of its singular values taken as shares of their sum (Roy & Vetterli 2007,
 * https://ieeexplore.ieee.org/document/7098875): k for k equal directions, near 1 where one direction has nearly all.
 *
 * Misleads: it has no threshold, so noise in every direction raises it: a change of few bits of each number looks of full
 * rank.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/**
 * In [1, min(rows, columns)], or 0 where all values are 0. Singular values are the roots of the eigenvalues of the smaller
 * Gram matrix, so those below 1e-8 of the largest are rounding; they hardly weigh.
 * @param values [rows, columns]
 */
export function effectiveRank(values: ArrayLike<number>, rows: number, columns: number): number {
  const [size, across] = [Math.min(rows, columns), Math.max(rows, columns)];
  const isWide = columns >= rows;
  const [next, step] = isWide ? [columns, 1] : [1, columns];
  const gram = new Matrix(size, size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < across; k++) sum += values[i * next + k * step]! * values[j * next + k * step]!;
      gram.set(i, j, sum);
      gram.set(j, i, sum);
    }
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const singular = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return 0;
  return Math.exp(
    singular.reduce((sum, value) => (value > 0 ? sum - (value / total) * Math.log(value / total) : sum), 0),
  );
}
