// A thread has 8 rows × 4 columns of one group's product (its columns lie WGX apart); d in order. Rows and columns past the
// end compute what the last one does and write nothing. Op: core/src/ops/grouped.ts
struct Params { N: u32, G: u32, E: u32, D: u32 }
override WGX: u32 = 16;
override WGY: u32 = 4;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [G, N, D]
@group(0) @binding(2) var<storage, read> w: array<f32>;       // [G, E, D]
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // [G, E]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [N, G, E]

/// The columns of a thread, those past the end clamped to the last.
fn columns(e0: u32) -> vec4u {
  return min(vec4u(e0, e0 + WGX, e0 + 2 * WGX, e0 + 3 * WGX), vec4u(p.E - 1));
}

fn product(g: u32, n0: u32, e0: u32) -> array<vec4f, 8> {
  let row = (columns(e0) + g * p.E) * p.D;
  var sum: array<vec4f, 8>;
  for (var d = 0u; d < p.D; d++) {
    let weight = vec4f(w[row.x + d], w[row.y + d], w[row.z + d], w[row.w + d]);
    for (var i = 0u; i < 8u; i++) { sum[i] += x[(g * p.N + min(n0 + i, p.N - 1)) * p.D + d] * weight; }
  }
  return sum;
}

fn put(g: u32, n0: u32, e0: u32, sum: array<vec4f, 8>, added: vec4f) {
  for (var i = 0u; i < 8u; i++) {
    let row = sum[i] + added;
    for (var c = 0u; c < 4u; c++) {
      let e = e0 + c * WGX;
      if (n0 + i < p.N && e < p.E) { y[((n0 + i) * p.G + g) * p.E + e] = row[c]; }
    }
  }
}

@compute @workgroup_size(WGX, WGY)
fn forward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) t: vec3u) {
  let n0 = (wg.y * WGY + t.y) * 8;
  let e0 = wg.x * 4 * WGX + t.x;
  put(wg.z, n0, e0, product(wg.z, n0, e0), vec4f());
}

@compute @workgroup_size(WGX, WGY)
fn forward_bias(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_id) t: vec3u) {
  let n0 = (wg.y * WGY + t.y) * 8;
  let e0 = wg.x * 4 * WGX + t.x;
  let at = columns(e0) + wg.z * p.E;
  put(wg.z, n0, e0, product(wg.z, n0, e0), vec4f(bias[at.x], bias[at.y], bias[at.z], bias[at.w]));
}
