/** Every op the project has. A new op adds a line here; the generic kernel test reads this list. */
export { add } from './add.js';
export { columnSum } from './columnSum.js';
export { matmulNN, matmulNT, matmulTN } from './matmul.js';
export { rmsnorm } from './rmsnorm.js';
export { tap } from './tap.js';
