// y over n, x over m: EACH of them a thread. Op: core/src/ops/gatherColumns.ts
struct Params { N: u32, U: u32, M: u32 }
override WG: u32 = 64;
override EACH: u32 = 1;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, U]
@group(0) @binding(2) var<storage, read> columns: array<u32>; // [M]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [N, M]

@compute @workgroup_size(WG)
fn forward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) t: u32) {
  let n = wg.y;
  let start = wg.x * WG * EACH + t;
  for (var m = start; m < min(p.M, start + WG * EACH); m += WG) { y[n * p.M + m] = x[n * p.U + columns[m]]; }
}
