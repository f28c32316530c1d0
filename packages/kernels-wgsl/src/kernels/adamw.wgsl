// One workgroup a row: a frozen row costs one look at its mask. Op: core/src/ops/adamw.ts
struct Params { U: u32, D: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> param: array<f32>; // [U, D]
@group(0) @binding(2) var<storage, read> grad: array<f32>;        // [U, D]
@group(0) @binding(3) var<storage, read_write> m: array<f32>;     // [U, D]
@group(0) @binding(4) var<storage, read_write> v: array<f32>;     // [U, D]
@group(0) @binding(5) var<storage, read> age_in: array<f32>;      // [U]
@group(0) @binding(6) var<storage, read> mask: array<f32>;        // [U]
@group(0) @binding(7) var<storage, read> hyper: array<f32>;       // lr, beta1, beta2, eps, weightDecay, gradScale, maxNorm, -
@group(0) @binding(8) var<storage, read> norm2: array<f32>;       // [1]
@group(0) @binding(9) var<storage, read_write> age: array<f32>;   // [U]

fn grad_factor() -> f32 {
  let scale = hyper[5];
  let most = hyper[6];
  if (most <= 0.0) { return scale; }
  return scale * min(1.0, most / (sqrt(norm2[0]) * scale + 1e-6));
}

/// 1 − βⁿ. pow() and a subtraction would leave four digits for β = 0.999 and n = 1. With q(n) = 1 − βⁿ, two runs of steps
/// join as q(a + b) = q(a) + q(b)(1 − q(a)), where nothing cancels; q(1) = 1 − β is exact for β ≥ ½.
fn bias_correction(beta: f32, n: u32) -> f32 {
  var q = 0.0;
  var power = 1.0 - beta;
  for (var bits = n; bits > 0u; bits >>= 1) {
    if ((bits & 1u) == 1u) { q += power * (1.0 - q); }
    power += power * (1.0 - power);
  }
  return q;
}

@compute @workgroup_size(WG)
fn forward_update(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let u = wg.x + wg.y * groups.x;
  if (u >= p.U || mask[u] == 0.0) { return; }
  let factor = grad_factor();
  let beta1 = hyper[1];
  let beta2 = hyper[2];
  let steps = u32(age_in[u]) + 1;
  let rate = hyper[0] / bias_correction(beta1, steps);
  let young = bias_correction(beta2, steps);
  let keep = 1.0 - hyper[0] * hyper[4];
  for (var d = t; d < p.D; d += WG) {
    let i = u * p.D + d;
    let g = grad[i] * factor;
    let first = beta1 * m[i] + (1.0 - beta1) * g;
    let second = beta2 * v[i] + (1.0 - beta2) * g * g;
    m[i] = first;
    v[i] = second;
    param[i] = param[i] * keep - rate * first / (sqrt(second / young) + hyper[3]);
  }
}

@compute @workgroup_size(WG)
fn forward_age(@builtin(global_invocation_id) id: vec3u) {
  let u = id.x;
  if (u < p.U && mask[u] != 0.0) { age[u] += 1.0; }
}
