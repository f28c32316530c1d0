/** One line of a chart, as data. */
export interface Series {
  readonly name: string;
  /** Whose colour and dash it takes; its name unless told. */
  readonly look?: string;
  /** By x ascending. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Lowest and highest at each x, drawn as an area behind the line. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Drawn thin and pale: what another series is the mean of. */
  readonly isRaw?: boolean;
  /** Marks every point: for curves of few. */
  readonly hasDots?: boolean;
}
