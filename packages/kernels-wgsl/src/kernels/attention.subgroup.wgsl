// Attention that never writes the T × T pattern down, for a CPU that plays the GPU with subgroups of 8 (lavapipe).
// Dao et al. 2022, https://arxiv.org/abs/2205.14135, with the registers of a subgroup in the place of a GPU's shared memory.
// Op: core/src/ops/attention.ts
//
// A workgroup is one subgroup, which is one SIMD register. It keeps 16 rows and walks over the other side 32 columns at a
// time, four to a lane, 8 apart. Forward and for dQ rows are queries and columns keys, for dK and dV the other way round.
//   products  scores[i] += row i · columns, a quarter-row of E at a time: lane i loads row i and hands it to all by a shuffle
//   weights   the softmax, with the running maximum and sum of each row; backward exp(score − lse) again
//   mix       sums[i] += weights[i] · column: here a lane owns four channels of each 32, and the weights are handed around
// No workgroup memory, no barrier. Rows past the end compute what the last one does and write nothing.
enable subgroups;

struct Params { B: u32, T: u32, H: u32, K: u32, E: u32 }
override PARTS: u32 = 2; // E / 32, rounded up: 1 or 2

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
const APART = vec4u(0, 8, 16, 24);

alias Scores = array<vec4f, 8>; // of each row with the lane's four columns
alias Sums = array<vec4f, 16>;   // of each row, PARTS times four channels
alias Columns = array<mat4x4f, 2>; // four of them, PARTS times four channels of each

fn query_at(b: u32, t: u32, h: u32) -> u32 { return ((b * p.T + min(t, p.T - 1)) * p.H + h) * (p.E / 4); }
fn key_at(b: u32, s: u32, g: u32) -> u32 { return ((b * p.T + min(s, p.T - 1)) * p.K + g) * (p.E / 4); }
fn queries_at(b: u32, t: vec4u, h: u32) -> vec4u { return ((b * p.T + min(t, vec4u(p.T - 1))) * p.H + h) * (p.E / 4); }
fn keys_at(b: u32, s: vec4u, g: u32) -> vec4u { return ((b * p.T + min(s, vec4u(p.T - 1))) * p.K + g) * (p.E / 4); }
fn kv_head(h: u32) -> u32 { return h * p.K / p.H; }
// The smallest h with kv_head(h) >= g: the first query head that reads key/value head g.
fn first_reader(g: u32) -> u32 { return (g * p.H + p.K - 1) / p.K; }
fn channel(part: u32, lane: u32) -> u32 { return min(part * 8 + lane, p.E / 4 - 1); }

// scores + the products of 16 rows, two of which this lane loaded, with four columns. `zero` is 0, but not to the compiler:
// a shuffle from a constant lane costs two instructions, from a variable one lane one.
fn products(scores: ptr<function, Scores>, row: vec4f, columns: mat4x4f, zero: u32) {
  let by_channel = transpose(columns);
  for (var i = 0u; i < 8; i++) { (*scores)[i] = added((*scores)[i], subgroupShuffle(row, zero + i), by_channel); }
}

// sum + Σ_c x[c] · w[c], one after the other.
fn added(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

// sums + the four columns of `owner`, weighed as that lane says.
fn mix(sums: ptr<function, Sums>, weights: ptr<function, Scores>, columns: ptr<function, Columns>, owner: u32) {
  for (var i = 0u; i < 8; i++) {
    let weight = subgroupShuffle((*weights)[i], owner);
    for (var part = 0u; part < PARTS; part++) {
      let to = i * PARTS + part;
      (*sums)[to] = added((*sums)[to], weight, (*columns)[part]);
    }
  }
}

fn largest(x: vec4f, lane: u32) -> f32 {
  var most = max(max(x.x, x.y), max(x.z, x.w));
  for (var step = 1u; step < 8; step *= 2) { most = max(most, subgroupShuffle(most, lane ^ step)); }
  return most;
}

fn total_of(x: f32, lane: u32) -> f32 {
  var sum = x;
  for (var step = 1u; step < 8; step *= 2) { sum += subgroupShuffle(sum, lane ^ step); }
  return sum;
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let zero = u32(groups.z == 0);
  let b = wg.y / p.H;
  let h = wg.y % p.H;
  let t0 = wg.x * 8;
  let mine = query_at(b, t0 + lane, h);
  let scale = inverseSqrt(f32(p.E));
  var sums = Sums();
  var top: array<f32, 8>;
  var total = array<f32, 8>(); // of the lane's own columns
  for (var i = 0u; i < 8; i++) { top[i] = LOWEST; }
  for (var s0 = 0u; s0 < min(t0 + 8, p.T); s0 += 32) {
    let s = s0 + lane + APART;
    let keys = keys_at(b, s, kv_head(h));
    var scores = Scores();
    for (var e = 0u; e < p.E / 4; e++) {
      let columns = mat4x4f(k[keys.x + e], k[keys.y + e], k[keys.z + e], k[keys.w + e]);
      products(&scores, q[mine + e], columns, zero);
    }
    let seen = b * p.T + min(s, vec4u(p.T - 1));
    let shown = vec4u(mask[seen.x], mask[seen.y], mask[seen.z], mask[seen.w]) != vec4u();
    for (var i = 0u; i < 8; i++) {
      let visible = shown & (s <= vec4u(t0 + i)) & (s < vec4u(p.T));
      let score = select(vec4f(LOWEST), scores[i] * scale, visible);
      let most = max(top[i], largest(score, lane));
      let shrunk = exp(top[i] - most);
      scores[i] = select(vec4f(), exp(score - most), visible);
      total[i] = fma(total[i], shrunk, dot(scores[i], vec4f(1)));
      top[i] = most;
      for (var part = 0u; part < PARTS; part++) { sums[i * PARTS + part] *= shrunk; }
    }
    for (var l = zero; l < zero + 8; l++) {
      let at = keys_at(b, s0 + l + APART, kv_head(h));
      var columns: Columns;
      for (var part = 0u; part < PARTS; part++) {
        let e = channel(part, lane);
        columns[part] = mat4x4f(v[at.x + e], v[at.y + e], v[at.z + e], v[at.w + e]);
      }
      mix(&sums, &scores, &columns, l);
    }
  }
  for (var i = 0u; i < 8; i++) {
    let sum = total_of(total[i], lane);
    // The top key weighs 1, so 0 means that no key is visible.
    let scaled = select(1.0 / sum, 0.0, sum == 0.0);
    if (t0 + i < p.T) {
      let to = query_at(b, t0 + i, h);
      for (var part = 0u; part < PARTS; part++) {
        if (part * 8 + lane < p.E / 4) { z[to + part * 8 + lane] = sums[i * PARTS + part] * scaled; }
      }
      if (lane == 0) { lse[wg.y * p.T + t0 + i] = select(top[i] + log(sum), 0.0, sum == 0.0); }
    }
  }
}

// What the gradient of a query's scores needs beside the scores: one thread a query.
@compute @workgroup_size(64)
fn backward_rows(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = (wg.x + wg.y * groups.x) * 64 + lane;
  if (i >= p.B * p.H * p.T) { return; }
  let at = query_at(i / (p.H * p.T), i % p.T, i / p.T % p.H);
  var sum = vec4f();
  for (var e = 0u; e < p.E / 4; e++) { sum = fma(z_in[at + e], dZ[at + e], sum); }
  rows[i] = vec2f(lse_in[i], dot(sum, vec4f(1)));
}

// dQ = dScore · k,  dScore = pattern · (dZ · v − Σ_e z · dZ) · E^(-1/2)
@compute @workgroup_size(8)
fn backward_q(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let zero = u32(groups.z == 0);
  let b = wg.y / p.H;
  let h = wg.y % p.H;
  let t0 = wg.x * 8;
  let mine = query_at(b, t0 + lane, h);
  let own = rows_in[wg.y * p.T + min(t0 + lane, p.T - 1)];
  let scale = inverseSqrt(f32(p.E));
  var sums = Sums();
  for (var s0 = 0u; s0 < min(t0 + 8, p.T); s0 += 32) {
    let s = s0 + lane + APART;
    let keys = keys_at(b, s, kv_head(h));
    var scores = Scores();
    var changes = Scores();
    for (var e = 0u; e < p.E / 4; e++) {
      let columns = mat4x4f(k[keys.x + e], k[keys.y + e], k[keys.z + e], k[keys.w + e]);
      products(&scores, q[mine + e], columns, zero);
      let values = mat4x4f(v[keys.x + e], v[keys.y + e], v[keys.z + e], v[keys.w + e]);
      products(&changes, dZ[mine + e], values, zero);
    }
    let seen = b * p.T + min(s, vec4u(p.T - 1));
    let shown = vec4u(mask[seen.x], mask[seen.y], mask[seen.z], mask[seen.w]) != vec4u();
    for (var i = 0u; i < 8; i++) {
      let visible = shown & (s <= vec4u(t0 + i)) & (s < vec4u(p.T));
      let row = subgroupShuffle(own, zero + i);
      let pattern = exp(min(scores[i] * scale - row.x, vec4f()));
      scores[i] = select(vec4f(), pattern * (changes[i] - row.y) * scale, visible);
    }
    for (var l = zero; l < zero + 8; l++) {
      let at = keys_at(b, s0 + l + APART, kv_head(h));
      var columns: Columns;
      for (var part = 0u; part < PARTS; part++) {
        let e = channel(part, lane);
        columns[part] = mat4x4f(k[at.x + e], k[at.y + e], k[at.z + e], k[at.w + e]);
      }
      mix(&sums, &scores, &columns, l);
    }
  }
  for (var i = 0u; i < 8; i++) {
    if (t0 + i < p.T) {
      let to = query_at(b, t0 + i, h);
      for (var part = 0u; part < PARTS; part++) {
        if (part * 8 + lane < p.E / 4) { dQ[to + part * 8 + lane] = sums[i * PARTS + part]; }
      }
    }
  }
}

// dK = dScoreᵀ · q and dV = patternᵀ · dZ: rows are keys, and the workgroups of z = 0 make the one, those of z = 1 the other
// (both in one would be a quarter less work, but twice the registers, and longer than that to compile). Sums over the query
// heads of the group, one after the other, and in each over the queries from the first key on.
@compute @workgroup_size(8)
fn backward_kv(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let zero = u32(groups.z == 0);
  let of_values = wg.z == 1;
  let b = wg.y / p.K;
  let g = wg.y % p.K;
  let s0 = wg.x * 8;
  let mine = key_at(b, s0 + lane, g);
  let own_mask = mask[b * p.T + min(s0 + lane, p.T - 1)];
  let scale = inverseSqrt(f32(p.E));
  var sums = Sums();
  for (var h = first_reader(g); h < first_reader(g + 1); h++) {
    for (var t0 = s0; t0 < p.T; t0 += 32) {
      let t = t0 + lane + APART;
      let queries = queries_at(b, t, h);
      var scores = Scores();
      var changes = Scores();
      for (var e = 0u; e < p.E / 4; e++) {
        let columns = mat4x4f(q[queries.x + e], q[queries.y + e], q[queries.z + e], q[queries.w + e]);
        products(&scores, k[mine + e], columns, zero);
        if (of_values) { continue; }
        let wanted = mat4x4f(dZ[queries.x + e], dZ[queries.y + e], dZ[queries.z + e], dZ[queries.w + e]);
        products(&changes, v[mine + e], wanted, zero);
      }
      let row = (b * p.H + h) * p.T + min(t, vec4u(p.T - 1));
      let facts = transpose(mat4x2f(rows_in[row.x], rows_in[row.y], rows_in[row.z], rows_in[row.w]));
      for (var i = 0u; i < 8; i++) {
        let shown = subgroupShuffle(own_mask, zero + i) != 0;
        let visible = (vec4u(s0 + i) <= t) & (t < vec4u(p.T)) & vec4<bool>(shown);
        let pattern = select(vec4f(), exp(min(scores[i] * scale - facts[0], vec4f())), visible);
        scores[i] = pattern * select((changes[i] - facts[1]) * scale, vec4f(1), of_values);
      }
      for (var l = zero; l < zero + 8; l++) {
        let at = queries_at(b, t0 + l + APART, h);
        var columns: Columns;
        for (var part = 0u; part < PARTS; part++) {
          let e = at + channel(part, lane);
          if (of_values) { columns[part] = mat4x4f(dZ[e.x], dZ[e.y], dZ[e.z], dZ[e.w]); }
          else { columns[part] = mat4x4f(q[e.x], q[e.y], q[e.z], q[e.w]); }
        }
        mix(&sums, &scores, &columns, l);
      }
    }
  }
  for (var i = 0u; i < 8; i++) {
    if (s0 + i < p.T) {
      let to = key_at(b, s0 + i, g) + lane;
      for (var part = 0u; part < PARTS; part++) {
        if (part * 8 + lane >= p.E / 4) { continue; }
        if (of_values) { dV[to + part * 8] = sums[i * PARTS + part]; }
        else { dK[to + part * 8] = sums[i * PARTS + part]; }
      }
    }
  }
}
