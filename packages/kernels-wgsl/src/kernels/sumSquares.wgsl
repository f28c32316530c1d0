// Each workgroup takes every so-many-th slice, each thread its own numbers: no barrier. One workgroup then adds all partial
// sums. The order is fixed by the list of slices alone, so a re-run gives the same bits. Op: core/src/ops/sumSquares.ts
struct Params { M: u32, P: u32 }
const WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> grad: array<f32>;          // [G]
@group(0) @binding(2) var<storage, read> slices: array<u32>;        // [M, 6]: param, grad, state, unit, each, length
@group(0) @binding(3) var<storage, read> before: array<f32>;        // [1]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [P], P = 64 · workgroups
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [P]
@group(0) @binding(6) var<storage, read_write> total: array<f32>;   // [1]

var<workgroup> sums: array<f32, WG>;

@compute @workgroup_size(WG)
fn forward_partial(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) t: u32) {
  var sum = 0.0;
  for (var s = wg.x; s < p.M; s += p.P / WG) {
    let start = slices[6 * s + 1];
    let end = start + slices[6 * s + 5];
    for (var i = start + t; i < end; i += WG) { sum += grad[i] * grad[i]; }
  }
  partial[wg.x * WG + t] = sum;
}

@compute @workgroup_size(WG)
fn forward_total(@builtin(local_invocation_index) t: u32) {
  var sum = 0.0;
  for (var i = t; i < p.P; i += WG) { sum += partial_in[i]; }
  sums[t] = sum;
  workgroupBarrier();
  for (var s = WG / 2; s > 0; s >>= 1) {
    if (t < s) { sums[t] += sums[t + s]; }
    workgroupBarrier();
  }
  if (t == 0) { total[0] = before[0] + sums[0]; }
}
