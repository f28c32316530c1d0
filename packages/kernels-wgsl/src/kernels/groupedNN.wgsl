// A thread has 8 rows × 4 columns of one group's product (its columns lie WGX apart); e in order. Rows and columns past the
// end compute what the last one does and write nothing. Op: core/src/ops/grouped.ts
struct Params { N: u32, G: u32, E: u32, D: u32 }
override WGX: u32 = 16;
override WGY: u32 = 4;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, G, E]
@group(0) @binding(2) var<storage, read> w: array<f32>;       // [G, E, D]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [G, N, D]

@compute @workgroup_size(WGX, WGY)
fn forward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) t: vec3u) {
  let g = wg.z;
  let n0 = (wg.y * WGY + t.y) * 8;
  let d0 = wg.x * 4 * WGX + t.x;
  let column = min(vec4u(d0, d0 + WGX, d0 + 2 * WGX, d0 + 3 * WGX), vec4u(p.D - 1));
  var sum: array<vec4f, 8>;
  for (var e = 0u; e < p.E; e++) {
    let k = (g * p.E + e) * p.D;
    let weight = vec4f(w[k + column.x], w[k + column.y], w[k + column.z], w[k + column.w]);
    for (var i = 0u; i < 8u; i++) {
      sum[i] += x[(min(n0 + i, p.N - 1) * p.G + g) * p.E + e] * weight;
    }
  }
  for (var i = 0u; i < 8u; i++) {
    for (var c = 0u; c < 4u; c++) {
      let d = d0 + c * WGX;
      if (n0 + i < p.N && d < p.D) { y[(g * p.N + n0 + i) * p.D + d] = sum[i][c]; }
    }
  }
}
