// One thread adds all: they are the logits of a batch's answers, a few thousand at most, of which few have a weight.
// Op: core/src/ops/absDot.ts
struct Params { N: u32 }
const WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;           // [N]
@group(0) @binding(2) var<storage, read> weight: array<f32>;      // [N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;     // [1]
@group(0) @binding(4) var<storage, read_write> side: array<f32>;  // [1]
@group(0) @binding(5) var<storage, read> side_in: array<f32>;     // [1]
@group(0) @binding(6) var<storage, read> dY: array<f32>;          // [1]
@group(0) @binding(7) var<storage, read_write> dX: array<f32>;    // [N]

@compute @workgroup_size(1)
fn forward() {
  var sum = 0.0;
  for (var i = 0u; i < p.N; i++) {
    // a logit that nobody asked for may be anything
    if (weight[i] != 0.0) { sum += weight[i] * x[i]; }
  }
  y[0] = abs(sum);
  side[0] = sign(sum);
}

@compute @workgroup_size(WG)
fn backward(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < p.N) { dX[id.x] = dY[0] * side_in[0] * weight[id.x]; }
}
