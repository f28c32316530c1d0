// Four logits at once: a load costs a software adapter the same whether of one number or of four neighbours.
// Forward: one workgroup a row m; its threads stride over v. Op: core/src/ops/pickLogits.ts
struct Params { M: u32, V: u32, P: u32, first: u32 }
override WG: u32 = 256;
override EACH: u32 = 1;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> logits: array<vec4f>;        // [M, V / 4]
@group(0) @binding(2) var<storage, read> ids: array<u32>;             // [M, P]
@group(0) @binding(3) var<storage, read> lseIn: array<f32>;           // [M]
@group(0) @binding(4) var<storage, read> pickedIn: array<f32>;        // [M, P]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;       // [M]
@group(0) @binding(6) var<storage, read_write> picked: array<f32>;    // [M, P]
@group(0) @binding(7) var<storage, read> lse_out: array<f32>;         // [M]
@group(0) @binding(8) var<storage, read> dLse: array<f32>;            // [M]
@group(0) @binding(9) var<storage, read> dPicked: array<f32>;         // [M, P]
@group(0) @binding(10) var<storage, read_write> dLogits: array<vec4f>; // [M, V / 4]
@group(0) @binding(11) var<storage, read_write> dLseIn: array<f32>;   // [M]
@group(0) @binding(12) var<storage, read_write> dPickedIn: array<f32>; // [M, P]

const LOWEST = -3.4028234e38;

var<workgroup> partial: array<f32, WG>;

fn max_over_workgroup(value: f32, t: u32) -> f32 {
  partial[t] = value;
  workgroupBarrier();
  for (var s = WG / 2; s > 0; s >>= 1) {
    if (t < s) { partial[t] = max(partial[t], partial[t + s]); }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&partial[0]);
}

fn sum_over_workgroup(value: f32, t: u32) -> f32 {
  partial[t] = value;
  workgroupBarrier();
  for (var s = WG / 2; s > 0; s >>= 1) {
    if (t < s) { partial[t] += partial[t + s]; }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&partial[0]);
}

// log(exp(carried) + Σ_v exp(logits[m, v])); LOWEST carries nothing.
fn log_sum_exp(m: u32, carried: f32, t: u32) -> f32 {
  let width = p.V / 4;
  let row = m * width;
  var most = vec4f(carried);
  for (var v = t; v < width; v += WG) { most = max(most, logits[row + v]); }
  let top = max_over_workgroup(max(max(most.x, most.y), max(most.z, most.w)), t);
  var sum = vec4f();
  if (t == 0 && carried > LOWEST) { sum.x = exp(carried - top); }
  for (var v = t; v < width; v += WG) { sum += exp(logits[row + v] - top); }
  return top + log(sum_over_workgroup(dot(sum, vec4f(1)), t));
}

// Below `first` the difference wraps around to a large number.
fn logit_of(m: u32, id: u32) -> f32 {
  if (id - p.first >= p.V) { return 0.0; }
  let v = id - p.first;
  return logits[m * (p.V / 4) + v / 4][v % 4];
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let m = wg.x + wg.y * groups.x;
  if (m >= p.M) { return; }
  let total = log_sum_exp(m, LOWEST, t);
  if (t == 0) { lse[m] = total; }
  for (var i = m * p.P + t; i < (m + 1) * p.P; i += WG) { picked[i] = logit_of(m, ids[i]); }
}

@compute @workgroup_size(WG)
fn forward_carry(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let m = wg.x + wg.y * groups.x;
  if (m >= p.M) { return; }
  let total = log_sum_exp(m, lseIn[m], t);
  if (t == 0) { lse[m] = total; }
  for (var i = m * p.P + t; i < (m + 1) * p.P; i += WG) { picked[i] = pickedIn[i] + logit_of(m, ids[i]); }
}

// y over m, x over v: EACH times four of them a thread.
@compute @workgroup_size(WG)
fn backward_logits(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) t: u32) {
  let m = wg.y;
  let start = wg.x * WG * EACH + t;
  let scale = dLse[m];
  let shift = lse_out[m];
  for (var v = start; v < min(p.V / 4, start + WG * EACH); v += WG) {
    let i = m * (p.V / 4) + v;
    var sum = scale * exp(logits[i] - shift);
    let id = p.first + 4 * v + vec4u(0, 1, 2, 3);
    for (var k = m * p.P; k < (m + 1) * p.P; k++) { sum += select(vec4f(), vec4f(dPicked[k]), id == vec4u(ids[k])); }
    dLogits[i] = sum;
  }
}

// One thread a row m.
@compute @workgroup_size(WG)
fn backward_carry(@builtin(global_invocation_id) id: vec3u) {
  let m = id.x;
  if (m >= p.M) { return; }
  dLseIn[m] = dLse[m] * exp(lseIn[m] - lse_out[m]);
  for (var i = m * p.P; i < (m + 1) * p.P; i++) { dPickedIn[i] = dPicked[i]; }
}
