// One workgroup a slice, four numbers a thread and turn, as in sgd.wgsl. Op: core/src/ops/adamw.ts
struct Params { M: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> param: array<f32>; // [A]
@group(0) @binding(2) var<storage, read> grad: array<f32>;        // [G]
@group(0) @binding(3) var<storage, read_write> m: array<f32>;     // [N]
@group(0) @binding(4) var<storage, read_write> v: array<f32>;     // [N]
@group(0) @binding(5) var<storage, read> age_in: array<f32>;      // [U]
@group(0) @binding(6) var<storage, read> slices: array<u32>;      // [M, 6]: param, grad, state, unit, each, length
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

/// lr / (1 − β₁ⁿ) and 1 − β₂ⁿ for the step that unit is about to make.
fn youth(unit: u32) -> vec2f {
  let steps = u32(age_in[unit]) + 1;
  return vec2f(hyper[0] / bias_correction(hyper[1], steps), bias_correction(hyper[2], steps));
}

/// Four numbers each, WG apart.
fn grads(i: u32) -> vec4f { return vec4f(grad[i], grad[i + WG], grad[i + 2 * WG], grad[i + 3 * WG]); }
fn firsts(i: u32) -> vec4f { return vec4f(m[i], m[i + WG], m[i + 2 * WG], m[i + 3 * WG]); }
fn seconds(i: u32) -> vec4f { return vec4f(v[i], v[i + WG], v[i + 2 * WG], v[i + 3 * WG]); }
fn params(i: u32) -> vec4f { return vec4f(param[i], param[i + WG], param[i + 2 * WG], param[i + 3 * WG]); }
fn store_firsts(i: u32, to: vec4f) {
  m[i] = to.x;
  m[i + WG] = to.y;
  m[i + 2 * WG] = to.z;
  m[i + 3 * WG] = to.w;
}
fn store_seconds(i: u32, to: vec4f) {
  v[i] = to.x;
  v[i + WG] = to.y;
  v[i + 2 * WG] = to.z;
  v[i + 3 * WG] = to.w;
}
fn store_params(i: u32, to: vec4f) {
  param[i] = to.x;
  param[i + WG] = to.y;
  param[i + 2 * WG] = to.z;
  param[i + 3 * WG] = to.w;
}

@compute @workgroup_size(WG)
fn forward_update(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let s = wg.x + wg.y * groups.x;
  if (s >= p.M) { return; }
  let at = slices[6 * s];
  let from_grad = slices[6 * s + 1];
  let from_state = slices[6 * s + 2];
  let unit = slices[6 * s + 3];
  let each = slices[6 * s + 4];
  let length = slices[6 * s + 5];
  let factor = grad_factor();
  let beta1 = hyper[1];
  let beta2 = hyper[2];
  let eps = hyper[3];
  let keep = 1.0 - hyper[0] * hyper[4];
  var young = youth(unit);
  let whole = select(length - length % (4 * WG), 0, each == 1);
  for (var start = 0u; start < whole; start += 4 * WG) {
    let i = start + t;
    let n = from_state + i;
    let g = grads(from_grad + i) * factor;
    let first = beta1 * firsts(n) + (1.0 - beta1) * g;
    let second = beta2 * seconds(n) + (1.0 - beta2) * g * g;
    store_firsts(n, first);
    store_seconds(n, second);
    store_params(at + i, params(at + i) * keep - young.x * first / (sqrt(second / young.y) + eps));
  }
  for (var i = whole + t; i < length; i += WG) {
    if (each == 1) { young = youth(unit + i); }
    let n = from_state + i;
    let g = grad[from_grad + i] * factor;
    let first = beta1 * m[n] + (1.0 - beta1) * g;
    let second = beta2 * v[n] + (1.0 - beta2) * g * g;
    m[n] = first;
    v[n] = second;
    param[at + i] = param[at + i] * keep - young.x * first / (sqrt(second / young.y) + eps);
  }
}

// One thread a slice.
@compute @workgroup_size(WG)
fn forward_age(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let s = (wg.x + wg.y * groups.x) * WG + t;
  if (s >= p.M) { return; }
  let unit = slices[6 * s + 3];
  let units = select(1, slices[6 * s + 5], slices[6 * s + 4] == 1);
  for (var i = 0u; i < units; i++) { age[unit + i] += 1.0; }
}
