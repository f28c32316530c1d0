// One workgroup a row: a frozen row costs one look at its mask. Op: core/src/ops/sgd.ts
struct Params { U: u32, D: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> param: array<f32>;    // [U, D]
@group(0) @binding(2) var<storage, read> grad: array<f32>;           // [U, D]
@group(0) @binding(3) var<storage, read_write> velocity: array<f32>; // [U, D]
@group(0) @binding(4) var<storage, read> mask: array<f32>;           // [U]
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
  let u = wg.x + wg.y * groups.x;
  if (u >= p.U || mask[u] == 0.0) { return; }
  let factor = grad_factor();
  for (var d = t; d < p.D; d += WG) {
    let i = u * p.D + d;
    let next = hyper[1] * velocity[i] + (grad[i] * factor + hyper[4] * param[i]);
    velocity[i] = next;
    param[i] -= hyper[0] * next;
  }
}
