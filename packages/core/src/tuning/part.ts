/** What is tuned, parameter by parameter. */

/** A parameter as the device holds it (a vocabulary matrix is one for each chunk), and what of it is tuned. */
export interface Part {
  readonly name: string;
  readonly shape: readonly number[];
  /** 1 where a unit is tuned. Units are the rows of a matrix, the numbers of a bias, or the parameter as a whole. */
  readonly mask: Float32Array<ArrayBuffer>;
}

/** One with at least one tuned unit, and its place. */
export interface TunedPart extends Part {
  /** Rows of a matrix that are tuned, ascending; undefined where there is no row to leave out. */
  readonly rows: Uint32Array<ArrayBuffer> | undefined;
  /** Index of its arena, and its first number there. */
  readonly arena: number;
  readonly at: number;
  /** First number of its gradient among those of its arena. Gradients of rows that are not tuned have no place. */
  readonly gradAt: number;
}
