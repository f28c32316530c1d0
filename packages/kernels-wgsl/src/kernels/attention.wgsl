// Three shapes of loop, forward and backward: scores of queries and keys (one thread a key, ROWS queries), a softmax (one
// thread a row), and a mix of values (one thread a channel, ROWS positions). No barriers, no workgroup memory: a thread
// that keeps ROWS sums loads each key or value once for all of them, which pays on GPUs and on CPUs alike.
// Op: core/src/ops/attention.ts
struct Params { B: u32, T: u32, H: u32, K: u32, E: u32 }
override WG: u32 = 64;
const ROWS = 4u;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<f32>;              // [B, T, H, E]
@group(0) @binding(2) var<storage, read> k: array<f32>;              // [B, T, K, E]
@group(0) @binding(3) var<storage, read> v: array<f32>;              // [B, T, K, E]
@group(0) @binding(4) var<storage, read> mask: array<u32>;           // [B, T]
@group(0) @binding(5) var<storage, read_write> z: array<f32>;        // [B, T, H, E]
@group(0) @binding(6) var<storage, read_write> pattern: array<f32>;  // [B, H, T, T]
@group(0) @binding(7) var<storage, read> pattern_in: array<f32>;     // [B, H, T, T]
@group(0) @binding(8) var<storage, read> dZ: array<f32>;             // [B, T, H, E]
@group(0) @binding(9) var<storage, read_write> dScore: array<f32>;   // [B, H, T, T]
@group(0) @binding(10) var<storage, read> dScore_in: array<f32>;     // [B, H, T, T]
@group(0) @binding(11) var<storage, read_write> dQ: array<f32>;      // [B, T, H, E]
@group(0) @binding(12) var<storage, read_write> dK: array<f32>;      // [B, T, K, E]
@group(0) @binding(13) var<storage, read_write> dV: array<f32>;      // [B, T, K, E]

fn query_at(b: u32, t: u32, h: u32) -> u32 { return ((b * p.T + t) * p.H + h) * p.E; }
fn key_at(b: u32, s: u32, g: u32) -> u32 { return ((b * p.T + s) * p.K + g) * p.E; }
fn row_at(b: u32, h: u32, t: u32) -> u32 { return ((b * p.H + h) * p.T + t) * p.T; }
fn kv_head(h: u32) -> u32 { return h * p.K / p.H; }
// The first query head that reads key/value head g: the smallest h with kv_head(h) = g.
fn first_reader(g: u32) -> u32 { return (g * p.H + p.K - 1) / p.K; }

// Past the end a thread reads row T − 1 again, and does not write what it makes of it.
fn clamped(t: u32) -> u32 { return min(t, p.T - 1); }

// Grid: keys, groups of ROWS queries, heads of examples. Unnormalized: the softmax hides what the mask hides.
@compute @workgroup_size(WG)
fn forward_scores(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = wg.x * WG + lane;
  if (s >= p.T) { return; }
  let b = wg.z / p.H;
  let h = wg.z % p.H;
  let t = wg.y * ROWS;
  var sum = vec4f();
  if (s < t + ROWS) {
    let key = key_at(b, s, kv_head(h));
    let q0 = query_at(b, t, h);
    let q1 = query_at(b, clamped(t + 1), h);
    let q2 = query_at(b, clamped(t + 2), h);
    let q3 = query_at(b, clamped(t + 3), h);
    for (var e = 0u; e < p.E; e++) { sum += k[key + e] * vec4f(q[q0 + e], q[q1 + e], q[q2 + e], q[q3 + e]); }
    sum *= inverseSqrt(f32(p.E));
  }
  for (var i = 0u; i < ROWS && t + i < p.T; i++) { pattern[row_at(b, h, t + i) + s] = select(0.0, sum[i], s <= t + i); }
}

@compute @workgroup_size(WG)
fn forward_softmax(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  if (i >= p.B * p.H * p.T) { return; }
  let t = i % p.T;
  let row = i * p.T;
  let keys = i / (p.H * p.T) * p.T;
  var top = -3.4028234e38;
  for (var s = 0u; s <= t; s++) { if (mask[keys + s] != 0) { top = max(top, pattern[row + s]); } }
  var total = 0.0;
  for (var s = 0u; s <= t; s++) {
    var weight = 0.0;
    if (mask[keys + s] != 0) { weight = exp(pattern[row + s] - top); }
    pattern[row + s] = weight;
    total += weight;
  }
  // 0 only where no key is visible: the top one weighs 1.
  let scale = select(1.0 / total, 0.0, total == 0.0);
  for (var s = 0u; s <= t; s++) { pattern[row + s] *= scale; }
}

// Grid: channels of all heads, groups of ROWS queries, examples. Beyond the diagonal the pattern is 0 and adds nothing.
@compute @workgroup_size(WG)
fn forward_mix(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = wg.x * WG + lane;
  if (i >= p.H * p.E) { return; }
  let h = i / p.E;
  let e = i % p.E;
  let b = wg.z;
  let t = wg.y * ROWS;
  let r0 = row_at(b, h, t);
  let r1 = row_at(b, h, clamped(t + 1));
  let r2 = row_at(b, h, clamped(t + 2));
  let r3 = row_at(b, h, clamped(t + 3));
  var sum = vec4f();
  let last = clamped(t + ROWS - 1);
  for (var s = 0u; s <= last; s++) {
    let weights = vec4f(pattern_in[r0 + s], pattern_in[r1 + s], pattern_in[r2 + s], pattern_in[r3 + s]);
    sum += v[key_at(b, s, kv_head(h)) + e] * weights;
  }
  for (var j = 0u; j < ROWS && t + j < p.T; j++) { z[query_at(b, t + j, h) + e] = sum[j]; }
}

// dPattern = dZ · v, as forward_scores.
@compute @workgroup_size(WG)
fn backward_pattern(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let s = wg.x * WG + lane;
  if (s >= p.T) { return; }
  let b = wg.z / p.H;
  let h = wg.z % p.H;
  let t = wg.y * ROWS;
  var sum = vec4f();
  if (s < t + ROWS) {
    let key = key_at(b, s, kv_head(h));
    let z0 = query_at(b, t, h);
    let z1 = query_at(b, clamped(t + 1), h);
    let z2 = query_at(b, clamped(t + 2), h);
    let z3 = query_at(b, clamped(t + 3), h);
    for (var e = 0u; e < p.E; e++) { sum += v[key + e] * vec4f(dZ[z0 + e], dZ[z1 + e], dZ[z2 + e], dZ[z3 + e]); }
  }
  for (var i = 0u; i < ROWS && t + i < p.T; i++) { dScore[row_at(b, h, t + i) + s] = select(0.0, sum[i], s <= t + i); }
}

// dScore = pattern · (dPattern − Σ pattern · dPattern) · E^(-1/2), where the pattern is 0 as well: 0.
@compute @workgroup_size(WG)
fn backward_softmax(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  if (i >= p.B * p.H * p.T) { return; }
  let row = i * p.T;
  let end = row + i % p.T;
  var mean = 0.0;
  for (var s = row; s <= end; s++) { mean += pattern_in[s] * dScore[s]; }
  let scale = inverseSqrt(f32(p.E));
  for (var s = row; s <= end; s++) { dScore[s] = pattern_in[s] * (dScore[s] - mean) * scale; }
}

// dQ = dScore · k, as forward_mix.
@compute @workgroup_size(WG)
fn backward_q(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = wg.x * WG + lane;
  if (i >= p.H * p.E) { return; }
  let h = i / p.E;
  let e = i % p.E;
  let b = wg.z;
  let t = wg.y * ROWS;
  let r0 = row_at(b, h, t);
  let r1 = row_at(b, h, clamped(t + 1));
  let r2 = row_at(b, h, clamped(t + 2));
  let r3 = row_at(b, h, clamped(t + 3));
  var sum = vec4f();
  let last = clamped(t + ROWS - 1);
  for (var s = 0u; s <= last; s++) {
    let weights = vec4f(dScore_in[r0 + s], dScore_in[r1 + s], dScore_in[r2 + s], dScore_in[r3 + s]);
    sum += k[key_at(b, s, kv_head(h)) + e] * weights;
  }
  for (var j = 0u; j < ROWS && t + j < p.T; j++) { dQ[query_at(b, t + j, h) + e] = sum[j]; }
}

// Grid: channels of all key/value heads, groups of ROWS keys, examples. Sums over the query heads of the group, then over
// the queries from the first key on; the score of an earlier query is 0.
@compute @workgroup_size(WG)
fn backward_k(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = wg.x * WG + lane;
  if (i >= p.K * p.E) { return; }
  let g = i / p.E;
  let e = i % p.E;
  let b = wg.z;
  let s = wg.y * ROWS;
  let others = vec3u(clamped(s + 1), clamped(s + 2), clamped(s + 3));
  var sum = vec4f();
  for (var h = first_reader(g); h < first_reader(g + 1); h++) {
    for (var t = s; t < p.T; t++) {
      let row = row_at(b, h, t);
      let at = row + others;
      let weights = vec4f(dScore_in[row + s], dScore_in[at.x], dScore_in[at.y], dScore_in[at.z]);
      sum += q[query_at(b, t, h) + e] * weights;
    }
  }
  for (var j = 0u; j < ROWS && s + j < p.T; j++) { dK[key_at(b, s + j, g) + e] = sum[j]; }
}

// dV = patternᵀ · dZ, as backward_k.
@compute @workgroup_size(WG)
fn backward_v(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = wg.x * WG + lane;
  if (i >= p.K * p.E) { return; }
  let g = i / p.E;
  let e = i % p.E;
  let b = wg.z;
  let s = wg.y * ROWS;
  let others = vec3u(clamped(s + 1), clamped(s + 2), clamped(s + 3));
  var sum = vec4f();
  for (var h = first_reader(g); h < first_reader(g + 1); h++) {
    for (var t = s; t < p.T; t++) {
      let row = row_at(b, h, t);
      let at = row + others;
      let weights = vec4f(pattern_in[row + s], pattern_in[at.x], pattern_in[at.y], pattern_in[at.z]);
      sum += dZ[query_at(b, t, h) + e] * weights;
    }
  }
  for (var j = 0u; j < ROWS && s + j < p.T; j++) { dV[key_at(b, s + j, g) + e] = sum[j]; }
}
