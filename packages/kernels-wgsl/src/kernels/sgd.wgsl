// One workgroup a slice. Op: core/src/ops/sgd.ts
struct Params { M: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> param: array<f32>;    // [A]
@group(0) @binding(2) var<storage, read> grad: array<f32>;           // [G]
@group(0) @binding(3) var<storage, read_write> velocity: array<f32>; // [N]
@group(0) @binding(4) var<storage, read> slices: array<u32>;         // [M, 6]: param, grad, state, unit, each, length
@group(0) @binding(5) var<storage, read> hyper: array<f32>;          // lr, momentum, -, -, weightDecay, gradScale, maxNorm, -
@group(0) @binding(6) var<storage, read> norm2: array<f32>;          // [1]

fn grad_factor() -> f32 {
  let scale = hyper[5];
  let most = hyper[6];
  if (most <= 0.0) { return scale; }
  return scale * min(1.0, most / (sqrt(norm2[0]) * scale + 1e-6));
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let s = wg.x + wg.y * groups.x;
  if (s >= p.M) { return; }
  let at = slices[6 * s];
  let from_grad = slices[6 * s + 1];
  let from_state = slices[6 * s + 2];
  let length = slices[6 * s + 5];
  let factor = grad_factor();
  for (var i = t; i < length; i += WG) {
    let old = param[at + i];
    let next = hyper[1] * velocity[from_state + i] + (grad[from_grad + i] * factor + hyper[4] * old);
    velocity[from_state + i] = next;
    param[at + i] = old - hyper[0] * next;
  }
}
