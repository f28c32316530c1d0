// Four elements at once, EACH times a thread. Op: core/src/ops/gelu.ts
struct Params { N: u32, exact: u32 }
override WG: u32 = 64;
override EACH: u32 = 1;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;        // [N / 4]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;  // [N / 4]
@group(0) @binding(3) var<storage, read> dY: array<vec4f>;       // [N / 4]
@group(0) @binding(4) var<storage, read_write> dX: array<vec4f>; // [N / 4]

const C = 0.7978845608028654; // √(2/π)

// ½ (1 + tanh(u)) = 1 / (1 + e^(−2u)), without the cancellation at the negative end. The built-in tanh is promised only to
// 1e-5 and overflows on some drivers. e^80 still fits in f32, and beyond it the gate is as good as 0.
fn tanh_gate(v: vec4f) -> vec4f { return 1.0 / (1.0 + exp(min(-2.0 * C * (v + 0.044715 * v * v * v), vec4f(80)))); }

// Φ(v) = ½ erfc(−v/√2), to 0.75e-7: Abramowitz & Stegun 7.1.26, https://personal.math.ubc.ca/~cbm/aands/page_299.htm
fn normal_cdf(v: vec4f) -> vec4f {
  let z = abs(v) * 0.70710678;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = 0.5 * poly * exp(-z * z);
  return select(1.0 - tail, tail, v < vec4f());
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let start = (wg.x + wg.y * groups.x) * WG * EACH + t;
  for (var i = start; i < min(p.N / 4, start + WG * EACH); i += WG) {
    let v = x[i];
    if (p.exact != 0) { y[i] = v * normal_cdf(v); } else { y[i] = v * tanh_gate(v); }
  }
}

@compute @workgroup_size(WG)
fn backward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let start = (wg.x + wg.y * groups.x) * WG * EACH + t;
  for (var i = start; i < min(p.N / 4, start + WG * EACH); i += WG) {
    let v = x[i];
    var slope: vec4f;
    if (p.exact != 0) {
      slope = normal_cdf(v) + v * exp(-0.5 * v * v) * 0.3989422804; // 1/√(2π)
    } else {
      let g = tanh_gate(v);
      slope = g + 2.0 * v * g * (1.0 - g) * C * (1.0 + 3.0 * 0.044715 * v * v);
    }
    dX[i] = dY[i] * slope;
  }
}
