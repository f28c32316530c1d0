/** Every op the project has. A new op adds a line here; the generic kernel test reads this list. */
export { accumulate } from './accumulate.js';
export { adamw } from './adamw.js';
export { add } from './add.js';
export { columnSum } from './columnSum.js';
export { edgeMix } from './edgeMix.js';
export { edgeScore } from './edgeScore.js';
export { groupedNN, groupedNT } from './grouped.js';
export { matmulNN, matmulNT, matmulTN } from './matmul.js';
export { poolRows } from './poolRows.js';
export { readGrad } from './readGrad.js';
export { rmsnorm } from './rmsnorm.js';
export { sgd } from './sgd.js';
export { spread } from './spread.js';
export { sub } from './sub.js';
export { subRow } from './subRow.js';
export { sumSquares } from './sumSquares.js';
export { tap } from './tap.js';
