// The loops of attention.wgsl for a few queries: scores of queries and keys, a softmax (one thread a row), a mix of values. A
// thread computes 4 sums for one query, of 4 keys or 4 channels, so that one load of the query or its pattern serves four
// products. Above the diagonal the pattern is 0. Op: core/src/ops/tailAttention.ts
struct Params { B: u32, T: u32, Q: u32, H: u32, K: u32, E: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<f32>;              // [B, Q, H, E]
@group(0) @binding(2) var<storage, read> k: array<f32>;              // [B, Q, K, E]
@group(0) @binding(3) var<storage, read> v: array<f32>;              // [B, Q, K, E]
@group(0) @binding(4) var<storage, read> pastK: array<f32>;          // [B, T, K, E]
@group(0) @binding(5) var<storage, read> pastV: array<f32>;          // [B, T, K, E]
@group(0) @binding(6) var<storage, read> mask: array<u32>;           // [B, T]
@group(0) @binding(7) var<storage, read> first: array<u32>;          // [B]
@group(0) @binding(8) var<storage, read_write> z: array<f32>;        // [B, Q, H, E]
@group(0) @binding(9) var<storage, read_write> pattern: array<f32>;  // [B, H, Q, T]
@group(0) @binding(10) var<storage, read> pattern_in: array<f32>;    // [B, H, Q, T]
@group(0) @binding(11) var<storage, read> dZ: array<f32>;            // [B, Q, H, E]
@group(0) @binding(12) var<storage, read_write> dScore: array<f32>;  // [B, H, Q, T]
@group(0) @binding(13) var<storage, read> dScore_in: array<f32>;     // [B, H, Q, T]
@group(0) @binding(14) var<storage, read_write> dQ: array<f32>;      // [B, Q, H, E]
@group(0) @binding(15) var<storage, read_write> dK: array<f32>;      // [B, Q, K, E]
@group(0) @binding(16) var<storage, read_write> dV: array<f32>;      // [B, Q, K, E]

const FOUR = vec4u(0, 1, 2, 3);

fn kv_head(h: u32) -> u32 { return h * p.K / p.H; }
// The smallest h with kv_head(h) >= g: the first query head that reads key/value head g.
fn first_reader(g: u32) -> u32 { return (g * p.H + p.K - 1) / p.K; }

/// A block of a grid over queries: 4 keys or channels from `four` on, of head h.
struct Block { b: u32, i: u32, h: u32, four: u32 }

/// Of blocks that follow each other as [B, Q, heads, fours].
fn block_of(n: u32, heads: u32, fours: u32) -> Block {
  return Block(n / (fours * heads * p.Q), n / (fours * heads) % p.Q, n / fours % heads, n % fours);
}

fn row_of(it: Block) -> u32 { return ((it.b * p.H + it.h) * p.Q + it.i) * p.T; }
fn query_of(it: Block) -> u32 { return ((it.b * p.Q + it.i) * p.H + it.h) * p.E; }

/// Where the keys and values of a block of 4 begin, in what is past and among the Q; which of them are among the Q.
struct Keys { past: vec4u, own: vec4u, is_own: vec4<bool> }

// Past either end the nearest one is taken, and not used.
fn keys_of(it: Block) -> Keys {
  let start = vec4u(first[it.b]);
  let t = min(it.four * 4 + FOUR, vec4u(p.T - 1));
  let i = min(max(t, start) - start, vec4u(p.Q - 1));
  let g = kv_head(it.h);
  return Keys(
    ((it.b * p.T + t) * p.K + g) * p.E,
    ((it.b * p.Q + i) * p.K + g) * p.E,
    (t >= start) & (t < start + p.Q),
  );
}

// Channels of a block lie E/4 apart, so that neighbouring threads load neighbours. Past the end the last one is computed again,
// and not written.
fn stride() -> u32 { return (p.E + 3) / 4; }
fn channels(four: u32) -> vec4u { return min(four + stride() * FOUR, vec4u(p.E - 1)); }

// Unnormalized, and without the mask, which the softmax applies.
@compute @workgroup_size(WG)
fn forward_scores(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let it = block_of((wg.x + wg.y * groups.x) * WG + lane, p.H, (p.T + 3) / 4);
  if (it.b >= p.B) { return; }
  let query = query_of(it);
  let last = first[it.b] + it.i;
  let at = keys_of(it);
  var sum = vec4f();
  if (it.four * 4 <= last) {
    for (var e = 0u; e < p.E; e++) {
      let before = vec4f(pastK[at.past.x + e], pastK[at.past.y + e], pastK[at.past.z + e], pastK[at.past.w + e]);
      let now = vec4f(k[at.own.x + e], k[at.own.y + e], k[at.own.z + e], k[at.own.w + e]);
      sum += q[query + e] * select(before, now, at.is_own);
    }
  }
  sum *= inverseSqrt(f32(p.E));
  let row = row_of(it);
  for (var j = 0u; j < 4; j++) {
    let key = it.four * 4 + j;
    if (key < p.T) { pattern[row + key] = select(0.0, sum[j], key <= last); }
  }
}

@compute @workgroup_size(WG)
fn forward_softmax(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + lane;
  if (n >= p.B * p.H * p.Q) { return; }
  let b = n / (p.H * p.Q);
  let row = n * p.T;
  let last = first[b] + n % p.Q;
  let keys = b * p.T;
  var top = -3.4028234e38;
  for (var t = 0u; t <= last; t++) {
    if (mask[keys + t] != 0) { top = max(top, pattern[row + t]); }
  }
  var total = 0.0;
  for (var t = 0u; t <= last; t++) {
    var weight = 0.0;
    if (mask[keys + t] != 0) { weight = exp(pattern[row + t] - top); }
    pattern[row + t] = weight;
    total += weight;
  }
  // The top key weighs 1, so 0 means that no key is visible.
  let scale = select(1.0 / total, 0.0, total == 0.0);
  for (var t = 0u; t <= last; t++) { pattern[row + t] *= scale; }
}

@compute @workgroup_size(WG)
fn forward_mix(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let it = block_of((wg.x + wg.y * groups.x) * WG + lane, p.H, stride());
  if (it.b >= p.B) { return; }
  let start = first[it.b];
  let e = channels(it.four);
  let row = row_of(it);
  var sum = vec4f();
  for (var t = 0u; t < start; t++) {
    let from_past = ((it.b * p.T + t) * p.K + kv_head(it.h)) * p.E + e;
    sum += pattern_in[row + t] * vec4f(pastV[from_past.x], pastV[from_past.y], pastV[from_past.z], pastV[from_past.w]);
  }
  for (var i = 0u; i <= it.i; i++) {
    let own = ((it.b * p.Q + i) * p.K + kv_head(it.h)) * p.E + e;
    sum += pattern_in[row + start + i] * vec4f(v[own.x], v[own.y], v[own.z], v[own.w]);
  }
  let to = query_of(it);
  for (var j = 0u; j < 4; j++) {
    if (it.four + j * stride() < p.E) { z[to + e[j]] = sum[j]; }
  }
}

// dPattern = dZ · v', as forward_scores.
@compute @workgroup_size(WG)
fn backward_pattern(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let it = block_of((wg.x + wg.y * groups.x) * WG + lane, p.H, (p.T + 3) / 4);
  if (it.b >= p.B) { return; }
  let query = query_of(it);
  let last = first[it.b] + it.i;
  let at = keys_of(it);
  var sum = vec4f();
  if (it.four * 4 <= last) {
    for (var e = 0u; e < p.E; e++) {
      let before = vec4f(pastV[at.past.x + e], pastV[at.past.y + e], pastV[at.past.z + e], pastV[at.past.w + e]);
      let now = vec4f(v[at.own.x + e], v[at.own.y + e], v[at.own.z + e], v[at.own.w + e]);
      sum += dZ[query + e] * select(before, now, at.is_own);
    }
  }
  let row = row_of(it);
  for (var j = 0u; j < 4; j++) {
    let key = it.four * 4 + j;
    if (key < p.T) { dScore[row + key] = select(0.0, sum[j], key <= last); }
  }
}

// dScore = pattern · (dPattern − Σ pattern · dPattern) · E^(-1/2), in place of dPattern.
@compute @workgroup_size(WG)
fn backward_softmax(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + lane;
  if (n >= p.B * p.H * p.Q) { return; }
  let row = n * p.T;
  let end = row + first[n / (p.H * p.Q)] + n % p.Q;
  var mean = 0.0;
  for (var at = row; at <= end; at++) { mean += pattern_in[at] * dScore[at]; }
  let scale = inverseSqrt(f32(p.E));
  for (var at = row; at <= end; at++) { dScore[at] = pattern_in[at] * (dScore[at] - mean) * scale; }
}

// dQ = dScore · k', as forward_mix.
@compute @workgroup_size(WG)
fn backward_q(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let it = block_of((wg.x + wg.y * groups.x) * WG + lane, p.H, stride());
  if (it.b >= p.B) { return; }
  let start = first[it.b];
  let e = channels(it.four);
  let row = row_of(it);
  var sum = vec4f();
  for (var t = 0u; t < start; t++) {
    let from_past = ((it.b * p.T + t) * p.K + kv_head(it.h)) * p.E + e;
    sum += dScore_in[row + t] * vec4f(pastK[from_past.x], pastK[from_past.y], pastK[from_past.z], pastK[from_past.w]);
  }
  for (var i = 0u; i <= it.i; i++) {
    let own = ((it.b * p.Q + i) * p.K + kv_head(it.h)) * p.E + e;
    sum += dScore_in[row + start + i] * vec4f(k[own.x], k[own.y], k[own.z], k[own.w]);
  }
  let to = query_of(it);
  for (var j = 0u; j < 4; j++) {
    if (it.four + j * stride() < p.E) { dQ[to + e[j]] = sum[j]; }
  }
}

// dK = dScoreᵀ · q for the Q keys, over the query heads of the group and the queries from the key on.
@compute @workgroup_size(WG)
fn backward_k(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let it = block_of((wg.x + wg.y * groups.x) * WG + lane, p.K, stride());
  if (it.b >= p.B) { return; }
  let key = first[it.b] + it.i;
  let e = channels(it.four);
  var sum = vec4f();
  for (var h = first_reader(it.h); h < first_reader(it.h + 1); h++) {
    for (var i = it.i; i < p.Q; i++) {
      let query = ((it.b * p.Q + i) * p.H + h) * p.E + e;
      sum += dScore_in[((it.b * p.H + h) * p.Q + i) * p.T + key] * vec4f(q[query.x], q[query.y], q[query.z], q[query.w]);
    }
  }
  let to = ((it.b * p.Q + it.i) * p.K + it.h) * p.E;
  for (var j = 0u; j < 4; j++) {
    if (it.four + j * stride() < p.E) { dK[to + e[j]] = sum[j]; }
  }
}

// dV = patternᵀ · dZ, as backward_k.
@compute @workgroup_size(WG)
fn backward_v(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let it = block_of((wg.x + wg.y * groups.x) * WG + lane, p.K, stride());
  if (it.b >= p.B) { return; }
  let key = first[it.b] + it.i;
  let e = channels(it.four);
  var sum = vec4f();
  for (var h = first_reader(it.h); h < first_reader(it.h + 1); h++) {
    for (var i = it.i; i < p.Q; i++) {
      let query = ((it.b * p.Q + i) * p.H + h) * p.E + e;
      sum += pattern_in[((it.b * p.H + h) * p.Q + i) * p.T + key] * vec4f(dZ[query.x], dZ[query.y], dZ[query.z], dZ[query.w]);
    }
  }
  let to = ((it.b * p.Q + it.i) * p.K + it.h) * p.E;
  for (var j = 0u; j < 4; j++) {
    if (it.four + j * stride() < p.E) { dV[to + e[j]] = sum[j]; }
  }
}
