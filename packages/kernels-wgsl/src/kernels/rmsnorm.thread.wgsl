// One thread a row n, four numbers a turn, in order. Op: core/src/ops/rmsnorm.ts
// For software adapters: there a barrier spills every variable of the workgroup, a row of its own costs its set-up, and a turn
// of a loop as much as five loads.
struct Params { N: u32, D: u32, eps: f32 }
override WG: u32 = 8; // one SIMD register: rows go to all cores

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;           // [N, D / 4]
@group(0) @binding(2) var<storage, read> gain: array<vec4f>;        // [D / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;     // [N, D / 4]
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;  // [N]
@group(0) @binding(5) var<storage, read> rstd_in: array<f32>;     // [N]
@group(0) @binding(6) var<storage, read> dY: array<vec4f>;          // [N, D / 4]
@group(0) @binding(7) var<storage, read_write> dX: array<vec4f>;    // [N, D / 4]
@group(0) @binding(8) var<storage, read_write> dGain: array<vec4f>; // [D / 4]

/// The four after `sum`, one after the other.
fn add_four(sum: f32, four: vec4f) -> f32 { return sum + four.x + four.y + four.z + four.w; }

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + lane;
  if (n >= p.N) { return; }
  let width = p.D / 4;
  let row = n * width;
  var squares = 0.0;
  for (var d = 0u; d < width; d++) { squares = add_four(squares, x[row + d] * x[row + d]); }
  let r = inverseSqrt(squares / f32(p.D) + p.eps);
  rstd[n] = r;
  for (var d = 0u; d < width; d++) { y[row + d] = x[row + d] * r * gain[d]; }
}

// dX = rstd · (g − x̂ · mean_d(g · x̂)), g = dY · gain, x̂ = x · rstd
@compute @workgroup_size(WG)
fn backward_x(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + lane;
  if (n >= p.N) { return; }
  let width = p.D / 4;
  let row = n * width;
  let r = rstd_in[n];
  var dot = 0.0;
  for (var d = 0u; d < width; d++) { dot = add_four(dot, dY[row + d] * gain[d] * x[row + d] * r); }
  let mean = dot / f32(p.D);
  for (var d = 0u; d < width; d++) { dX[row + d] = r * (dY[row + d] * gain[d] - x[row + d] * r * mean); }
}

// dGain = Σ_n dY · x̂: one thread four channels, rows in order
@compute @workgroup_size(WG)
fn backward_gain(@builtin(global_invocation_id) id: vec3u) {
  let d = id.x;
  let width = p.D / 4;
  if (d >= width) { return; }
  var sum = vec4f();
  for (var n = 0u; n < p.N; n++) { sum += dY[n * width + d] * x[n * width + d] * rstd_in[n]; }
  dGain[d] = sum;
}
