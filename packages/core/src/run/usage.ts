/** WebGPU's buffer usages as numbers: GPUBufferUsage is a global that a Node host may set only after this module was loaded. */
export const STORAGE = 0x80 | 0x8 | 0x4; // STORAGE | COPY_DST | COPY_SRC
export const STAGING = 0x1 | 0x8; // MAP_READ | COPY_DST
export const UNIFORM = 0x40 | 0x8; // UNIFORM | COPY_DST
export const QUERIES = 0x200 | 0x4 | 0x8; // QUERY_RESOLVE | COPY_SRC | COPY_DST
export const MAP_READ = 0x1;
