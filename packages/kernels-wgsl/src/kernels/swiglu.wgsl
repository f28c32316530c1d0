// EACH elements a thread. Op: core/src/ops/swiglu.ts
struct Params { N: u32 }
override WG: u32 = 64;
override EACH: u32 = 1;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> gate: array<f32>;         // [N]
@group(0) @binding(2) var<storage, read> up: array<f32>;           // [N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;      // [N]
@group(0) @binding(4) var<storage, read> dY: array<f32>;           // [N]
@group(0) @binding(5) var<storage, read_write> dGate: array<f32>;  // [N]
@group(0) @binding(6) var<storage, read_write> dUp: array<f32>;    // [N]

// Below −80, where e^(−g) leaves f32, 0: g · σ(g) is 0 in f32 there as well.
fn sigmoid(g: f32) -> f32 { return select(1.0 / (1.0 + exp(min(-g, 80.0))), 0.0, g < -80.0); }

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let start = (wg.x + wg.y * groups.x) * WG * EACH + t;
  for (var i = start; i < min(p.N, start + WG * EACH); i += WG) { y[i] = gate[i] * sigmoid(gate[i]) * up[i]; }
}

@compute @workgroup_size(WG)
fn backward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let start = (wg.x + wg.y * groups.x) * WG * EACH + t;
  for (var i = start; i < min(p.N, start + WG * EACH); i += WG) {
    let g = gate[i];
    let s = sigmoid(g);
    dGate[i] = dY[i] * up[i] * s * (1.0 + g * (1.0 - s));
    dUp[i] = dY[i] * g * s;
  }
}
