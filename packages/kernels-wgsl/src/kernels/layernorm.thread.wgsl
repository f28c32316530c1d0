// One thread a row n. Op: core/src/ops/layernorm.ts
// For software adapters: there a barrier spills every variable of the workgroup, and a row of its own costs its set-up.
struct Params { N: u32, D: u32, eps: f32 }
override WG: u32 = 8; // one SIMD register: rows go to all cores

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;            // [N, D]
@group(0) @binding(2) var<storage, read> gain: array<f32>;         // [D]
@group(0) @binding(3) var<storage, read> bias: array<f32>;         // [D]
@group(0) @binding(4) var<storage, read_write> y: array<f32>;      // [N, D]
@group(0) @binding(5) var<storage, read_write> mean: array<f32>;   // [N]
@group(0) @binding(6) var<storage, read_write> rstd: array<f32>;   // [N]
@group(0) @binding(7) var<storage, read> mean_in: array<f32>;      // [N]
@group(0) @binding(8) var<storage, read> rstd_in: array<f32>;      // [N]
@group(0) @binding(9) var<storage, read> dY: array<f32>;           // [N, D]
@group(0) @binding(10) var<storage, read_write> dX: array<f32>;    // [N, D]
@group(0) @binding(11) var<storage, read_write> dGain: array<f32>; // [D]
@group(0) @binding(12) var<storage, read_write> dBias: array<f32>; // [D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + lane;
  if (n >= p.N) { return; }
  let row = n * p.D;
  var sum = 0.0;
  for (var d = 0u; d < p.D; d++) { sum += x[row + d]; }
  let center = sum / f32(p.D);
  // A second pass: E[x²] − E[x]² in one would cancel where the mean is large.
  var squares = 0.0;
  for (var d = 0u; d < p.D; d++) { squares += (x[row + d] - center) * (x[row + d] - center); }
  let r = inverseSqrt(squares / f32(p.D) + p.eps);
  mean[n] = center;
  rstd[n] = r;
  for (var d = 0u; d < p.D; d++) { y[row + d] = (x[row + d] - center) * r * gain[d] + bias[d]; }
}

// dX = rstd · (g − mean_d g − x̂ · mean_d(g · x̂)), g = dY · gain, x̂ = (x − mean) · rstd
@compute @workgroup_size(WG)
fn backward_x(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + lane;
  if (n >= p.N) { return; }
  let row = n * p.D;
  let center = mean_in[n];
  let r = rstd_in[n];
  var sums = vec2f(); // of g, and of g · x̂
  for (var d = 0u; d < p.D; d++) { sums += dY[row + d] * gain[d] * vec2f(1.0, (x[row + d] - center) * r); }
  let means = sums / f32(p.D);
  for (var d = 0u; d < p.D; d++) {
    dX[row + d] = r * (dY[row + d] * gain[d] - means.x - (x[row + d] - center) * r * means.y);
  }
}

// dGain = Σ_n dY · x̂, dBias = Σ_n dY: one thread a channel, rows in order
@compute @workgroup_size(WG)
fn backward_params(@builtin(global_invocation_id) id: vec3u) {
  let d = id.x;
  if (d >= p.D) { return; }
  var gain_sum = 0.0;
  var bias_sum = 0.0;
  for (var n = 0u; n < p.N; n++) {
    let dy = dY[n * p.D + d];
    gain_sum += dy * (x[n * p.D + d] - mean_in[n]) * rstd_in[n];
    bias_sum += dy;
  }
  dGain[d] = gain_sum;
  dBias[d] = bias_sum;
}
