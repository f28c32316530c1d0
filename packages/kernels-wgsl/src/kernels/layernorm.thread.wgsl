// One thread a row n, four numbers a turn, in order. Op: core/src/ops/layernorm.ts
// For software adapters: there a barrier spills every variable of the workgroup, a row of its own costs its set-up, and a turn
// of a loop as much as five loads.
struct Params { N: u32, D: u32, eps: f32 }
override WG: u32 = 8; // one SIMD register: rows go to all cores

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;            // [N, D / 4]
@group(0) @binding(2) var<storage, read> gain: array<vec4f>;         // [D / 4]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;         // [D / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;      // [N, D / 4]
@group(0) @binding(5) var<storage, read_write> mean: array<f32>;   // [N]
@group(0) @binding(6) var<storage, read_write> rstd: array<f32>;   // [N]
@group(0) @binding(7) var<storage, read> mean_in: array<f32>;      // [N]
@group(0) @binding(8) var<storage, read> rstd_in: array<f32>;      // [N]
@group(0) @binding(9) var<storage, read> dY: array<vec4f>;           // [N, D / 4]
@group(0) @binding(10) var<storage, read_write> dX: array<vec4f>;    // [N, D / 4]
@group(0) @binding(11) var<storage, read_write> dGain: array<vec4f>; // [D / 4]
@group(0) @binding(12) var<storage, read_write> dBias: array<vec4f>; // [D / 4]

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
  var sum = 0.0;
  for (var d = 0u; d < width; d++) { sum = add_four(sum, x[row + d]); }
  let center = sum / f32(p.D);
  // A second pass: E[x²] − E[x]² in one would cancel where the mean is large.
  var squares = 0.0;
  for (var d = 0u; d < width; d++) {
    let off = x[row + d] - center;
    squares = add_four(squares, off * off);
  }
  let r = inverseSqrt(squares / f32(p.D) + p.eps);
  mean[n] = center;
  rstd[n] = r;
  for (var d = 0u; d < width; d++) { y[row + d] = (x[row + d] - center) * r * gain[d] + bias[d]; }
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
  let width = p.D / 4;
  let row = n * width;
  let center = mean_in[n];
  let r = rstd_in[n];
  var sums = vec2f(); // of g, and of g · x̂
  for (var d = 0u; d < width; d++) {
    let g = dY[row + d] * gain[d];
    sums = vec2f(add_four(sums.x, g), add_four(sums.y, g * ((x[row + d] - center) * r)));
  }
  let means = sums / f32(p.D);
  for (var d = 0u; d < width; d++) {
    dX[row + d] = r * (dY[row + d] * gain[d] - means.x - (x[row + d] - center) * r * means.y);
  }
}

// dGain = Σ_n dY · x̂, dBias = Σ_n dY: one thread four channels, rows in order
@compute @workgroup_size(WG)
fn backward_params(@builtin(global_invocation_id) id: vec3u) {
  let d = id.x;
  let width = p.D / 4;
  if (d >= width) { return; }
  var gain_sum = vec4f();
  var bias_sum = vec4f();
  for (var n = 0u; n < p.N; n++) {
    let dy = dY[n * width + d];
    gain_sum += dy * (x[n * width + d] - mean_in[n]) * rstd_in[n];
    bias_sum += dy;
  }
  dGain[d] = gain_sum;
  dBias[d] = bias_sum;
}
