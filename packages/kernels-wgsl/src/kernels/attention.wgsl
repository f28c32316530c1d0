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

// Positions from t on and channels from e on, in steps of `stride`. Past the end the last one is computed again, and not
// written.
fn positions(t: u32) -> vec4u { return min(t + FOUR, vec4u(p.T - 1)); }
fn channels(e: u32, stride: u32) -> vec4u { return min(e + stride * FOUR, vec4u(p.E - 1)); }

fn query_at(b: u32, t: vec4u, h: u32) -> vec4u { return ((b * p.T + t) * p.H + h) * p.E; }
fn key_at(b: u32, s: vec4u, g: u32) -> vec4u { return ((b * p.T + s) * p.K + g) * p.E; }
fn row_at(b: u32, h: u32, t: vec4u) -> vec4u { return ((b * p.H + h) * p.T + t) * p.T; }
fn kv_head(h: u32) -> u32 { return h * p.K / p.H; }
// The smallest h with kv_head(h) >= g: the first query head that reads key/value head g.
fn first_reader(g: u32) -> u32 { return (g * p.H + p.K - 1) / p.K; }

// One thread 4 queries and 4 keys. Unnormalized, and without the mask, which the softmax applies.
@compute @workgroup_size(WG)
fn forward_scores(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  let blocks = (p.T + 3) / 4;
  let s = i % blocks * 4;
  let t = i / blocks % blocks * 4;
  let bh = i / (blocks * blocks);
  if (bh >= p.B * p.H) { return; }
  let b = bh / p.H;
  let h = bh % p.H;
  var sum = mat4x4f(); // a column for each key
  if (s <= t) {
    let left = query_at(b, positions(t), h);
    let right = key_at(b, positions(s), kv_head(h));
    for (var e = 0u; e < p.E; e++) {
      let x = vec4f(q[left.x + e], q[left.y + e], q[left.z + e], q[left.w + e]);
      sum[0] += k[right.x + e] * x;
      sum[1] += k[right.y + e] * x;
      sum[2] += k[right.z + e] * x;
      sum[3] += k[right.w + e] * x;
    }
  }
  let scale = inverseSqrt(f32(p.E));
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (s + j < p.T && t + r < p.T) {
        pattern[(bh * p.T + t + r) * p.T + s + j] = select(0.0, sum[j][r] * scale, s + j <= t + r);
      }
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

// One thread 4 queries and 4 channels, E/4 apart so that neighbouring threads read neighbouring channels. Above the diagonal
// the pattern is 0 and adds nothing.
@compute @workgroup_size(WG)
fn forward_mix(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  let stride = (p.E + 3) / 4;
  let blocks = (p.T + 3) / 4;
  let e = channels(i % stride, stride);
  let h = i / stride % p.H;
  let t = i / (stride * p.H) % blocks * 4;
  let b = i / (stride * p.H * blocks);
  if (b >= p.B) { return; }
  let row = row_at(b, h, positions(t));
  let last = min(t + 3, p.T - 1);
  var sum = mat4x4f(); // a column for each channel
  for (var s = 0u; s <= last; s++) {
    let weight = vec4f(pattern_in[row.x + s], pattern_in[row.y + s], pattern_in[row.z + s], pattern_in[row.w + s]);
    let at = ((b * p.T + s) * p.K + kv_head(h)) * p.E + e;
    sum[0] += v[at.x] * weight;
    sum[1] += v[at.y] * weight;
    sum[2] += v[at.z] * weight;
    sum[3] += v[at.w] * weight;
  }
  let to = query_at(b, positions(t), h);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (i % stride + j * stride < p.E && t + r < p.T) { z[to[r] + e[j]] = sum[j][r]; }
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
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  let blocks = (p.T + 3) / 4;
  let s = i % blocks * 4;
  let t = i / blocks % blocks * 4;
  let bh = i / (blocks * blocks);
  if (bh >= p.B * p.H) { return; }
  let b = bh / p.H;
  let h = bh % p.H;
  var sum = mat4x4f(); // a column for each key
  if (s <= t) {
    let left = query_at(b, positions(t), h);
    let right = key_at(b, positions(s), kv_head(h));
    for (var e = 0u; e < p.E; e++) {
      let x = vec4f(dZ[left.x + e], dZ[left.y + e], dZ[left.z + e], dZ[left.w + e]);
      sum[0] += v[right.x + e] * x;
      sum[1] += v[right.y + e] * x;
      sum[2] += v[right.z + e] * x;
      sum[3] += v[right.w + e] * x;
    }
  }
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (s + j < p.T && t + r < p.T) {
        dScore[(bh * p.T + t + r) * p.T + s + j] = select(0.0, sum[j][r], s + j <= t + r);
      }
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
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  let stride = (p.E + 3) / 4;
  let blocks = (p.T + 3) / 4;
  let e = channels(i % stride, stride);
  let h = i / stride % p.H;
  let t = i / (stride * p.H) % blocks * 4;
  let b = i / (stride * p.H * blocks);
  if (b >= p.B) { return; }
  let row = row_at(b, h, positions(t));
  let last = min(t + 3, p.T - 1);
  var sum = mat4x4f(); // a column for each channel
  for (var s = 0u; s <= last; s++) {
    let weight = vec4f(dScore_in[row.x + s], dScore_in[row.y + s], dScore_in[row.z + s], dScore_in[row.w + s]);
    let at = ((b * p.T + s) * p.K + kv_head(h)) * p.E + e;
    sum[0] += k[at.x] * weight;
    sum[1] += k[at.y] * weight;
    sum[2] += k[at.z] * weight;
    sum[3] += k[at.w] * weight;
  }
  let to = query_at(b, positions(t), h);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (i % stride + j * stride < p.E && t + r < p.T) { dQ[to[r] + e[j]] = sum[j][r]; }
    }
  }
}

// dK = dScoreᵀ · q: one thread 4 keys and 4 channels. Sums over the query heads of the group, and in each over the queries
// from the first key on; the score of a query before its key is 0.
@compute @workgroup_size(WG)
fn backward_k(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  let stride = (p.E + 3) / 4;
  let blocks = (p.T + 3) / 4;
  let e = channels(i % stride, stride);
  let g = i / stride % p.K;
  let s = i / (stride * p.K) % blocks * 4;
  let b = i / (stride * p.K * blocks);
  if (b >= p.B) { return; }
  let keys = positions(s);
  var sum = mat4x4f(); // a column for each channel
  for (var h = first_reader(g); h < first_reader(g + 1); h++) {
    for (var t = s; t < p.T; t++) {
      let score = ((b * p.H + h) * p.T + t) * p.T + keys;
      let weight = vec4f(dScore_in[score.x], dScore_in[score.y], dScore_in[score.z], dScore_in[score.w]);
      let at = ((b * p.T + t) * p.H + h) * p.E + e;
      sum[0] += q[at.x] * weight;
      sum[1] += q[at.y] * weight;
      sum[2] += q[at.z] * weight;
      sum[3] += q[at.w] * weight;
    }
  }
  let to = key_at(b, keys, g);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (i % stride + j * stride < p.E && s + r < p.T) { dK[to[r] + e[j]] = sum[j][r]; }
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
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  let stride = (p.E + 3) / 4;
  let blocks = (p.T + 3) / 4;
  let e = channels(i % stride, stride);
  let g = i / stride % p.K;
  let s = i / (stride * p.K) % blocks * 4;
  let b = i / (stride * p.K * blocks);
  if (b >= p.B) { return; }
  let keys = positions(s);
  var sum = mat4x4f(); // a column for each channel
  for (var h = first_reader(g); h < first_reader(g + 1); h++) {
    for (var t = s; t < p.T; t++) {
      let score = ((b * p.H + h) * p.T + t) * p.T + keys;
      let weight = vec4f(pattern_in[score.x], pattern_in[score.y], pattern_in[score.z], pattern_in[score.w]);
      let at = ((b * p.T + t) * p.H + h) * p.E + e;
      sum[0] += dZ[at.x] * weight;
      sum[1] += dZ[at.y] * weight;
      sum[2] += dZ[at.z] * weight;
      sum[3] += dZ[at.w] * weight;
    }
  }
  let to = key_at(b, keys, g);
  for (var j = 0u; j < 4; j++) {
    for (var r = 0u; r < 4; r++) {
      if (i % stride + j * stride < p.E && s + r < p.T) { dV[to[r] + e[j]] = sum[j][r]; }
    }
  }
}
