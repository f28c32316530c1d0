// One workgroup a row (g, n) of dY; its threads stride over d. Op: core/src/ops/readGrad.ts
struct Params { G: u32, N: u32, R: u32, D: u32, r0: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, D]
@group(0) @binding(2) var<storage, read> mean: array<f32>;    // [N]
@group(0) @binding(3) var<storage, read> rstd: array<f32>;    // [N]
@group(0) @binding(4) var<storage, read> gain: array<f32>;    // [D]
@group(0) @binding(5) var<storage, read> dY: array<f32>;      // [G, N, D]
@group(0) @binding(6) var<storage, read_write> into: array<f32>; // [N, R, D]

var<workgroup> partial: array<vec2f, WG>;

fn sum_over_workgroup(value: vec2f, t: u32) -> vec2f {
  partial[t] = value;
  workgroupBarrier();
  for (var s = WG / 2; s > 0; s >>= 1) {
    if (t < s) { partial[t] += partial[t + s]; }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&partial[0]);
}

/// What both norms share: dot = Σ_d c · x̂ and total = Σ_d c, with c = dY · gain, for the row at `row` of dY and `at` of x.
fn sums(row: u32, at: u32, centre: f32, r: f32, t: u32) -> vec2f {
  var sum = vec2f();
  for (var d = t; d < p.D; d += WG) {
    let c = dY[row + d] * gain[d];
    sum += vec2f(c * (x[at + d] - centre) * r, c);
  }
  return sum_over_workgroup(sum, t) / f32(p.D);
}

/// Where row i = (g, n) begins in the block.
fn goal(i: u32) -> u32 { return (i % p.N * p.R + p.r0 + i / p.N) * p.D; }

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = wg.x + wg.y * groups.x;
  if (i >= p.G * p.N) { return; }
  let row = i * p.D;
  let at = (i % p.N) * p.D;
  let r = rstd[i % p.N];
  let dot = sums(row, at, 0.0, r, t).x;
  let to = goal(i);
  for (var d = t; d < p.D; d += WG) { into[to + d] = r * (dY[row + d] * gain[d] - x[at + d] * r * dot); }
}

@compute @workgroup_size(WG)
fn forward_mean(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = wg.x + wg.y * groups.x;
  if (i >= p.G * p.N) { return; }
  let row = i * p.D;
  let at = (i % p.N) * p.D;
  let r = rstd[i % p.N];
  let centre = mean[i % p.N];
  let s = sums(row, at, centre, r, t);
  let to = goal(i);
  for (var d = t; d < p.D; d += WG) {
    into[to + d] = r * (dY[row + d] * gain[d] - s.y - (x[at + d] - centre) * r * s.x);
  }
}
