// y = aᵀ · b. One thread an output; k in order. The readable one: faster variants compete with it.
// Op: core/src/ops/matmul.ts
struct Params { M: u32, N: u32, K: u32 }
override WG: u32 = 8;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;       // [K, M]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [K, N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [M, N]

fn product(m: u32, n: u32) -> f32 {
  var sum = 0.0;
  for (var k = 0u; k < p.K; k++) { sum += a[k * p.M + m] * b[k * p.N + n]; }
  return sum;
}

@compute @workgroup_size(WG, WG)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < p.N && id.y < p.M) { y[id.y * p.N + id.x] = product(id.y, id.x); }
}
