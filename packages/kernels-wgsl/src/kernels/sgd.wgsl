// One workgroup a slice, four numbers a thread and turn: of a turn of one number, a software adapter spends a third on the
// turn itself. What stays the same is read once, for a compiler cannot know that the stores leave it alone.
// Op: core/src/ops/sgd.ts
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

/// Four numbers each, WG apart.
fn params(i: u32) -> vec4f { return vec4f(param[i], param[i + WG], param[i + 2 * WG], param[i + 3 * WG]); }
fn grads(i: u32) -> vec4f { return vec4f(grad[i], grad[i + WG], grad[i + 2 * WG], grad[i + 3 * WG]); }
fn velocities(i: u32) -> vec4f {
  return vec4f(velocity[i], velocity[i + WG], velocity[i + 2 * WG], velocity[i + 3 * WG]);
}
fn store_params(i: u32, to: vec4f) {
  param[i] = to.x;
  param[i + WG] = to.y;
  param[i + 2 * WG] = to.z;
  param[i + 3 * WG] = to.w;
}
fn store_velocities(i: u32, to: vec4f) {
  velocity[i] = to.x;
  velocity[i + WG] = to.y;
  velocity[i + 2 * WG] = to.z;
  velocity[i + 3 * WG] = to.w;
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
  let lr = hyper[0];
  let momentum = hyper[1];
  let decay = hyper[4];
  let whole = length - length % (4 * WG);
  for (var first = 0u; first < whole; first += 4 * WG) {
    let i = first + t;
    let old = params(at + i);
    let next = momentum * velocities(from_state + i) + (grads(from_grad + i) * factor + decay * old);
    store_velocities(from_state + i, next);
    store_params(at + i, old - lr * next);
  }
  for (var i = whole + t; i < length; i += WG) {
    let old = param[at + i];
    let next = momentum * velocity[from_state + i] + (grad[from_grad + i] * factor + decay * old);
    velocity[from_state + i] = next;
    param[at + i] = old - lr * next;
  }
}
