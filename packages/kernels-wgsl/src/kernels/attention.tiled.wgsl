// Attention that never writes the T × T pattern down, for GPUs. Dao et al. 2022, https://arxiv.org/abs/2205.14135: a thread
// owns one row (forward and for dQ a query, for dK and dV a key) in its registers, and the workgroup walks over the other
// side TILE columns at a time, which it keeps in workgroup memory. The softmax runs along, with the maximum and the sum of
// each row; backward, the pattern is computed again from the log-sum-exp that forward saved. Op: core/src/ops/attention.ts
struct Params { B: u32, T: u32, H: u32, K: u32, E: u32 }
override QUARTER: u32 = 32; // E / 4; at most 32

const WG = 64u;
const TILE = 16u;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;          // [B, T, H, E / 4]
@group(0) @binding(2) var<storage, read> k: array<vec4f>;          // [B, T, K, E / 4]
@group(0) @binding(3) var<storage, read> v: array<vec4f>;          // [B, T, K, E / 4]
@group(0) @binding(4) var<storage, read> mask: array<u32>;         // [B, T]
@group(0) @binding(5) var<storage, read_write> z: array<vec4f>;    // [B, T, H, E / 4]
@group(0) @binding(6) var<storage, read_write> lse: array<f32>;    // [B, H, T]
@group(0) @binding(7) var<storage, read> z_in: array<vec4f>;       // [B, T, H, E / 4]
@group(0) @binding(8) var<storage, read> lse_in: array<f32>;       // [B, H, T]
@group(0) @binding(9) var<storage, read> dZ: array<vec4f>;         // [B, T, H, E / 4]
@group(0) @binding(10) var<storage, read_write> rows: array<vec2f>; // [B, H, T]: lse, and Σ_e z · dZ
@group(0) @binding(11) var<storage, read> rows_in: array<vec2f>;    // [B, H, T]
@group(0) @binding(12) var<storage, read_write> dQ: array<vec4f>;  // [B, T, H, E / 4]
@group(0) @binding(13) var<storage, read_write> dK: array<vec4f>;  // [B, T, K, E / 4]
@group(0) @binding(14) var<storage, read_write> dV: array<vec4f>;  // [B, T, K, E / 4]

// Below every score; its difference to any of them is finite.
const LOWEST = -1e30;

alias Row = array<vec4f, 32>; // of which QUARTER are used

// TILE rows of two tensors, QUARTER of 32 used: 16 KiB, what every device has.
var<workgroup> first: array<vec4f, 512>;
var<workgroup> second: array<vec4f, 512>;

// Past the end the last one is computed again, and not written.
fn query_at(b: u32, t: u32, h: u32) -> u32 { return ((b * p.T + min(t, p.T - 1)) * p.H + h) * QUARTER; }
fn key_at(b: u32, s: u32, g: u32) -> u32 { return ((b * p.T + min(s, p.T - 1)) * p.K + g) * QUARTER; }
fn kv_head(h: u32) -> u32 { return h * p.K / p.H; }
// The smallest h with kv_head(h) >= g: the first query head that reads key/value head g.
fn first_reader(g: u32) -> u32 { return (g * p.H + p.K - 1) / p.K; }

fn load_keys(b: u32, s0: u32, g: u32, lane: u32) {
  workgroupBarrier();
  for (var i = lane; i < TILE * QUARTER; i += WG) {
    let at = key_at(b, s0 + i / QUARTER, g) + i % QUARTER;
    first[i] = k[at];
    second[i] = v[at];
  }
  workgroupBarrier();
}

fn visible_to(t: u32, b: u32, s: vec4u) -> vec4<bool> {
  let seen = b * p.T + min(s, vec4u(p.T - 1));
  let shown = vec4u(mask[seen.x], mask[seen.y], mask[seen.z], mask[seen.w]) != vec4u();
  return shown & (s <= vec4u(t)) & (s < vec4u(p.T));
}

@compute @workgroup_size(WG)
fn forward(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let b = wg.y / p.H;
  let h = wg.y % p.H;
  let t = wg.x * WG + lane;
  let at = query_at(b, t, h);
  let scale = inverseSqrt(f32(p.E));
  var query: Row;
  var sum = Row();
  for (var e = 0u; e < QUARTER; e++) { query[e] = q[at + e] * scale; }
  var top = LOWEST;
  var total = 0.0;
  for (var s0 = 0u; s0 < min(wg.x * WG + WG, p.T); s0 += TILE) {
    load_keys(b, s0, kv_head(h), lane);
    for (var j = 0u; j < min(TILE, p.T - s0); j += 4) {
      var scores = mat4x4f(); // a column for each of four keys
      for (var e = 0u; e < QUARTER; e++) {
        for (var c = 0u; c < 4; c++) { scores[c] = fma(query[e], first[(j + c) * QUARTER + e], scores[c]); }
      }
      let visible = visible_to(t, b, s0 + j + vec4u(0, 1, 2, 3));
      let score = select(vec4f(LOWEST), vec4f(1) * scores, visible);
      let most = max(top, max(max(score.x, score.y), max(score.z, score.w)));
      // Seldom after the first few keys.
      if (most > top) {
        let shrunk = exp(top - most);
        total *= shrunk;
        for (var e = 0u; e < QUARTER; e++) { sum[e] *= shrunk; }
        top = most;
      }
      let weights = select(vec4f(), exp(score - top), visible);
      total += dot(weights, vec4f(1));
      for (var e = 0u; e < QUARTER; e++) {
        for (var c = 0u; c < 4; c++) { sum[e] = fma(vec4f(weights[c]), second[(j + c) * QUARTER + e], sum[e]); }
      }
    }
  }
  if (t >= p.T) { return; }
  // The top key weighs 1, so 0 means that no key is visible.
  let scaled = select(1.0 / total, 0.0, total == 0.0);
  for (var e = 0u; e < QUARTER; e++) { z[at + e] = sum[e] * scaled; }
  lse[wg.y * p.T + t] = select(top + log(total), 0.0, total == 0.0);
}

// What the gradient of a query's scores needs beside the scores: one thread a query.
@compute @workgroup_size(WG)
fn backward_rows(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + lane;
  if (i >= p.B * p.H * p.T) { return; }
  let at = query_at(i / (p.H * p.T), i % p.T, i / p.T % p.H);
  var sum = vec4f();
  for (var e = 0u; e < QUARTER; e++) { sum = fma(z_in[at + e], dZ[at + e], sum); }
  rows[i] = vec2f(lse_in[i], dot(sum, vec4f(1)));
}

// dQ = dScore · k,  dScore = pattern · (dZ · v − Σ_e z · dZ) · E^(-1/2)
@compute @workgroup_size(WG)
fn backward_q(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let b = wg.y / p.H;
  let h = wg.y % p.H;
  let t = wg.x * WG + lane;
  let at = query_at(b, t, h);
  let scale = inverseSqrt(f32(p.E));
  let row = rows_in[wg.y * p.T + min(t, p.T - 1)];
  var query: Row;
  var wanted: Row;
  var sum = Row();
  for (var e = 0u; e < QUARTER; e++) {
    query[e] = q[at + e] * scale;
    wanted[e] = dZ[at + e];
  }
  for (var s0 = 0u; s0 < min(wg.x * WG + WG, p.T); s0 += TILE) {
    load_keys(b, s0, kv_head(h), lane);
    for (var j = 0u; j < min(TILE, p.T - s0); j++) {
      let s = s0 + j;
      if (s > t || mask[b * p.T + s] == 0) { continue; }
      var score = vec4f();
      var change = vec4f();
      for (var e = 0u; e < QUARTER; e++) {
        score = fma(query[e], first[j * QUARTER + e], score);
        change = fma(wanted[e], second[j * QUARTER + e], change);
      }
      let weight = exp(dot(score, vec4f(1)) - row.x) * (dot(change, vec4f(1)) - row.y) * scale;
      for (var e = 0u; e < QUARTER; e++) { sum[e] = fma(vec4f(weight), first[j * QUARTER + e], sum[e]); }
    }
  }
  if (t >= p.T) { return; }
  for (var e = 0u; e < QUARTER; e++) { dQ[at + e] = sum[e]; }
}

// dK = dScoreᵀ · q and dV = patternᵀ · dZ: the workgroups of z = 0 make the one, those of z = 1 the other, so that a row's
// sums stay in registers. Sums over the query heads of the group, one after the other, and in each over the queries from the
// first key on.
@compute @workgroup_size(WG)
fn backward_kv(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) lane: u32) {
  let of_values = wg.z == 1;
  let b = wg.y / p.K;
  let g = wg.y % p.K;
  let s = wg.x * WG + lane;
  let at = key_at(b, s, g);
  let scale = inverseSqrt(f32(p.E));
  let shown = s < p.T && mask[b * p.T + min(s, p.T - 1)] != 0;
  var key: Row;
  var value: Row;
  var sum = Row();
  for (var e = 0u; e < QUARTER; e++) {
    key[e] = k[at + e] * scale;
    value[e] = v[at + e];
  }
  for (var h = first_reader(g); h < first_reader(g + 1); h++) {
    for (var t0 = wg.x * WG; t0 < p.T; t0 += TILE) {
      workgroupBarrier();
      for (var i = lane; i < TILE * QUARTER; i += WG) {
        let from_row = query_at(b, t0 + i / QUARTER, h) + i % QUARTER;
        first[i] = q[from_row];
        second[i] = dZ[from_row];
      }
      workgroupBarrier();
      for (var j = 0u; j < min(TILE, p.T - t0); j++) {
        let t = t0 + j;
        if (t < s || !shown) { continue; }
        let row = rows_in[(b * p.H + h) * p.T + t];
        var score = vec4f();
        for (var e = 0u; e < QUARTER; e++) { score = fma(key[e], first[j * QUARTER + e], score); }
        let weight = exp(dot(score, vec4f(1)) - row.x);
        if (of_values) {
          for (var e = 0u; e < QUARTER; e++) { sum[e] = fma(vec4f(weight), second[j * QUARTER + e], sum[e]); }
        } else {
          var change = vec4f();
          for (var e = 0u; e < QUARTER; e++) { change = fma(value[e], second[j * QUARTER + e], change); }
          let moved = weight * (dot(change, vec4f(1)) - row.y) * scale;
          for (var e = 0u; e < QUARTER; e++) { sum[e] = fma(vec4f(moved), first[j * QUARTER + e], sum[e]); }
        }
      }
    }
  }
  if (s >= p.T) { return; }
  for (var e = 0u; e < QUARTER; e++) {
    if (of_values) { dV[at + e] = sum[e]; } else { dK[at + e] = sum[e]; }
  }
}
