// One thread a source, a read and a chunk of m; a second entry adds the chunks in order. The readable one.
// Op: core/src/ops/edgeScore.ts
struct Params { S: u32, R: u32, M: u32, D: u32, I: u32, G: u32, s0: u32, m0: u32, Q: u32, C: u32, CHUNK: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<f32>;         // [M, S, D]
@group(0) @binding(2) var<storage, read> grad: array<f32>;          // [M, R, D]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, Q, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, Q, R]
@group(0) @binding(6) var<storage, read> starts: array<u32>;        // [G + 1]
@group(0) @binding(7) var<storage, read_write> total: array<f32>;   // [G, I, R]

@compute @workgroup_size(WG)
fn forward_partial(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.C * p.Q * p.R) { return; }
  let r = i % p.R;
  let s = (i / p.R) % p.Q;
  let first = i / (p.R * p.Q) * p.CHUNK;
  var sum = 0.0;
  for (var m = first; m < min(first + p.CHUNK, p.M); m++) {
    let w = weight[m];
    if (w == 0.0) { continue; }
    var dot = 0.0;
    for (var d = 0u; d < p.D; d++) {
      dot += delta[(m * p.S + s) * p.D + d] * grad[(m * p.R + r) * p.D + d];
    }
    sum += w * dot;
  }
  partial[i] = sum;
}

/// Rows of this part before the first of group g.
fn rows_before(g: u32) -> u32 { return clamp(starts[g], p.m0, p.m0 + p.M) - p.m0; }

@compute @workgroup_size(WG)
fn forward_sum(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + t;
  let edges = p.Q * p.R;
  let g = n / edges;
  if (g >= p.G) { return; }
  let i = n % edges;
  let end = (rows_before(g + 1) + p.CHUNK - 1) / p.CHUNK;
  var sum = 0.0;
  for (var c = rows_before(g) / p.CHUNK; c < end; c++) { sum += partial_in[c * edges + i]; }
  total[(g * p.I + p.s0) * p.R + i] += sum;
}
