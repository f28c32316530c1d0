// One thread a row (g, n). Op: core/src/ops/readGrad.ts
struct Params { G: u32, N: u32, D: u32 }
override WG: u32 = 8;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, D]
@group(0) @binding(2) var<storage, read> mean: array<f32>;    // [N]
@group(0) @binding(3) var<storage, read> rstd: array<f32>;    // [N]
@group(0) @binding(4) var<storage, read> gain: array<f32>;    // [D]
@group(0) @binding(5) var<storage, read> dY: array<f32>;      // [G, N, D]
@group(0) @binding(6) var<storage, read_write> g: array<f32>; // [G, N, D]

/// dot = mean_d(c · x̂) and mean_d(c), with c = dY · gain, for row i.
fn means(i: u32, centre: f32, r: f32) -> vec2f {
  let row = i * p.D;
  let at = i % p.N * p.D;
  var sum = vec2f();
  for (var d = 0u; d < p.D; d++) {
    let c = dY[row + d] * gain[d];
    sum += vec2f(c * (x[at + d] - centre) * r, c);
  }
  return sum / f32(p.D);
}

fn put(i: u32, centre: f32, r: f32, dot: f32, average: f32) {
  let row = i * p.D;
  let at = i % p.N * p.D;
  for (var d = 0u; d < p.D; d++) {
    g[row + d] = r * (dY[row + d] * gain[d] - average - (x[at + d] - centre) * r * dot);
  }
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.G * p.N) { return; }
  let r = rstd[i % p.N];
  put(i, 0.0, r, means(i, 0.0, r).x, 0.0);
}

@compute @workgroup_size(WG)
fn forward_mean(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.G * p.N) { return; }
  let r = rstd[i % p.N];
  let centre = mean[i % p.N];
  let s = means(i, centre, r);
  put(i, centre, r, s.x, s.y);
}
