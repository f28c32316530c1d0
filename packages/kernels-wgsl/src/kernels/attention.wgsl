// Three shapes of loop, forward and backward: scores of queries and keys, a softmax (one thread a row), and a mix of values.
// A thread of the first and the last computes a block of 4 x 4 sums, so that 8 loads serve 16 products: that pays on GPUs
// and on CPUs alike, and needs no barrier and no workgroup memory. Op: core/src/ops/attention.ts
struct Params { B: u32, T: u32, H: u32, K: u32, E: u32 }
override WG: u32 = 64;

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

const FOUR = vec4u(0, 1, 2, 3);

fn query_at(b: u32, t: vec4u, h: u32) -> vec4u { return ((b * p.T + t) * p.H + h) * p.E; }
fn key_at(b: u32, s: vec4u, g: u32) -> vec4u { return ((b * p.T + s) * p.K + g) * p.E; }
fn row_at(b: u32, h: u32, t: vec4u) -> vec4u { return ((b * p.H + h) * p.T + t) * p.T; }
fn kv_head(h: u32) -> u32 { return h * p.K / p.H; }
// The smallest h with kv_head(h) >= g: the first query head that reads key/value head g.
fn first_reader(g: u32) -> u32 { return (g * p.H + p.K - 1) / p.K; }

// Positions from t on. Past the end the last one is computed again, and not written.
fn positions(t: u32) -> vec4u { return min(t + FOUR, vec4u(p.T - 1)); }

fn four_q(at: vec4u) -> vec4f { return vec4f(q[at.x], q[at.y], q[at.z], q[at.w]); }
fn four_k(at: vec4u) -> vec4f { return vec4f(k[at.x], k[at.y], k[at.z], k[at.w]); }
fn four_v(at: vec4u) -> vec4f { return vec4f(v[at.x], v[at.y], v[at.z], v[at.w]); }
fn four_dz(at: vec4u) -> vec4f { return vec4f(dZ[at.x], dZ[at.y], dZ[at.z], dZ[at.w]); }
fn four_weights(at: vec4u) -> vec4f { return vec4f(pattern_in[at.x], pattern_in[at.y], pattern_in[at.z], pattern_in[at.w]); }
/// Of the loss, by scores.
fn four_slopes(at: vec4u) -> vec4f { return vec4f(dScore_in[at.x], dScore_in[at.y], dScore_in[at.z], dScore_in[at.w]); }

/// sum + x · yᵀ.
fn add_product(sum: mat4x4f, x: vec4f, y: vec4f) -> mat4x4f {
  return mat4x4f(sum[0] + y.x * x, sum[1] + y.y * x, sum[2] + y.z * x, sum[3] + y.w * x);
}

/// 4 queries from t on and 4 keys from s on.
struct ScoreBlock { b: u32, h: u32, t: u32, s: u32 }

fn score_block(i: u32) -> ScoreBlock {
  let blocks = (p.T + 3) / 4;
  let bh = i / (blocks * blocks);
  return ScoreBlock(bh / p.H, bh % p.H, i / blocks % blocks * 4, i % blocks * 4);
}

/// 4 positions from t on, of a head of queries or of keys and values, and 4 channels from e on. These are E / 4 apart, so that
/// neighbouring threads read neighbouring channels.
struct ChannelBlock { b: u32, t: u32, h: u32, e: u32 }

fn channel_block(i: u32, heads: u32) -> ChannelBlock {
  let stride = (p.E + 3) / 4;
  let blocks = (p.T + 3) / 4;
  let bt = i / (stride * heads);
  return ChannelBlock(bt / blocks, bt % blocks * 4, i / stride % heads, i % stride);
}

fn channels(at: ChannelBlock) -> vec4u { return min(at.e + (p.E + 3) / 4 * FOUR, vec4u(p.E - 1)); }
fn is_inside(at: ChannelBlock, r: u32, j: u32) -> bool { return at.t + r < p.T && at.e + j * ((p.E + 3) / 4) < p.E; }

// Unnormalized, and without the mask, which the softmax applies.
@compute @workgroup_size(WG)
fn forward_scores(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = score_block((wg.x + wg.y * groups.x) * WG + lane);
  if (at.b >= p.B) { return; }
  var sum = mat4x4f(); // a column for each key
  if (at.s <= at.t) {
    let left = query_at(at.b, positions(at.t), at.h);
    let right = key_at(at.b, positions(at.s), kv_head(at.h));
    for (var e = 0u; e < p.E; e++) { sum = add_product(sum, four_q(left + e), four_k(right + e)); }
  }
  sum *= inverseSqrt(f32(p.E));
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      let s = at.s + j;
      let t = at.t + r;
      if (s < p.T && t < p.T) { pattern[((at.b * p.H + at.h) * p.T + t) * p.T + s] = select(0.0, sum[j][r], s <= t); }
    }
  }
}

@compute @workgroup_size(WG)
fn forward_softmax(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  if (i >= p.B * p.H * p.T) { return; }
  let row = i * p.T;
  let t = i % p.T;
  let keys = i / (p.H * p.T) * p.T;
  var top = -3.4028234e38;
  for (var s = 0u; s <= t; s++) {
    if (mask[keys + s] != 0) { top = max(top, pattern[row + s]); }
  }
  var total = 0.0;
  for (var s = 0u; s <= t; s++) {
    var weight = 0.0;
    if (mask[keys + s] != 0) { weight = exp(pattern[row + s] - top); }
    pattern[row + s] = weight;
    total += weight;
  }
  // The top key weighs 1, so 0 means that no key is visible.
  let scale = select(1.0 / total, 0.0, total == 0.0);
  for (var s = 0u; s <= t; s++) { pattern[row + s] *= scale; }
}

// Above the diagonal the pattern is 0 and adds nothing.
@compute @workgroup_size(WG)
fn forward_mix(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = channel_block((wg.x + wg.y * groups.x) * WG + lane, p.H);
  if (at.b >= p.B) { return; }
  let row = row_at(at.b, at.h, positions(at.t));
  let first = key_at(at.b, vec4u(), kv_head(at.h)) + channels(at);
  let step = p.K * p.E;
  var sum = mat4x4f(); // a column for each channel
  for (var s = 0u; s < min(at.t + 4, p.T); s++) { sum = add_product(sum, four_weights(row + s), four_v(first + s * step)); }
  let to = query_at(at.b, positions(at.t), at.h);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (is_inside(at, r, j)) { z[to[r] + channels(at)[j]] = sum[j][r]; }
    }
  }
}

// dPattern = dZ · v, as forward_scores.
@compute @workgroup_size(WG)
fn backward_pattern(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = score_block((wg.x + wg.y * groups.x) * WG + lane);
  if (at.b >= p.B) { return; }
  var sum = mat4x4f(); // a column for each key
  if (at.s <= at.t) {
    let left = query_at(at.b, positions(at.t), at.h);
    let right = key_at(at.b, positions(at.s), kv_head(at.h));
    for (var e = 0u; e < p.E; e++) { sum = add_product(sum, four_dz(left + e), four_v(right + e)); }
  }
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      let s = at.s + j;
      let t = at.t + r;
      if (s < p.T && t < p.T) { dScore[((at.b * p.H + at.h) * p.T + t) * p.T + s] = select(0.0, sum[j][r], s <= t); }
    }
  }
}

// dScore = pattern · (dPattern − Σ pattern · dPattern) · E^(-1/2), in place of dPattern.
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
fn backward_q(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = channel_block((wg.x + wg.y * groups.x) * WG + lane, p.H);
  if (at.b >= p.B) { return; }
  let row = row_at(at.b, at.h, positions(at.t));
  let first = key_at(at.b, vec4u(), kv_head(at.h)) + channels(at);
  let step = p.K * p.E;
  var sum = mat4x4f(); // a column for each channel
  for (var s = 0u; s < min(at.t + 4, p.T); s++) { sum = add_product(sum, four_slopes(row + s), four_k(first + s * step)); }
  let to = query_at(at.b, positions(at.t), at.h);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (is_inside(at, r, j)) { dQ[to[r] + channels(at)[j]] = sum[j][r]; }
    }
  }
}

// dK = dScoreᵀ · q. Sums over the query heads of the group, and in each over the queries from the first key on; the score of a
// query before its key is 0.
@compute @workgroup_size(WG)
fn backward_k(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = channel_block((wg.x + wg.y * groups.x) * WG + lane, p.K);
  if (at.b >= p.B) { return; }
  let keys = positions(at.t);
  let step = p.H * p.E;
  var sum = mat4x4f(); // a column for each channel
  for (var h = first_reader(at.h); h < first_reader(at.h + 1); h++) {
    let row = row_at(at.b, h, vec4u()) + keys;
    let first = query_at(at.b, vec4u(), h) + channels(at);
    for (var t = at.t; t < p.T; t++) { sum = add_product(sum, four_slopes(row + t * p.T), four_q(first + t * step)); }
  }
  let to = key_at(at.b, keys, at.h);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (is_inside(at, r, j)) { dK[to[r] + channels(at)[j]] = sum[j][r]; }
    }
  }
}

// dV = patternᵀ · dZ, as backward_k.
@compute @workgroup_size(WG)
fn backward_v(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = channel_block((wg.x + wg.y * groups.x) * WG + lane, p.K);
  if (at.b >= p.B) { return; }
  let keys = positions(at.t);
  let step = p.H * p.E;
  var sum = mat4x4f(); // a column for each channel
  for (var h = first_reader(at.h); h < first_reader(at.h + 1); h++) {
    let row = row_at(at.b, h, vec4u()) + keys;
    let first = query_at(at.b, vec4u(), h) + channels(at);
    for (var t = at.t; t < p.T; t++) { sum = add_product(sum, four_weights(row + t * p.T), four_dz(first + t * step)); }
  }
  let to = key_at(at.b, keys, at.h);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (is_inside(at, r, j)) { dV[to[r] + channels(at)[j]] = sum[j][r]; }
    }
  }
}
