// One subgroup of 8 lanes 16 rows × 32 columns of one group's product. A lane loads two rows and keeps four columns, 8 apart;
// all 16 rows are shuffled through it, no barrier. Rows and columns past the end compute what the last one does and write
// nothing. Op: core/src/ops/grouped.ts
enable subgroups;

struct Params { N: u32, G: u32, E: u32, D: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [G, N, D / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;     // [G, E, D / 4]
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // [G, E]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [N, G, E]

/// The columns of a lane, those past the end clamped to the last.
fn columns(e0: u32) -> vec4u {
  return min(vec4u(e0, e0 + 8, e0 + 16, e0 + 24), vec4u(p.E - 1));
}

/// zero is 0, but not to the compiler: a shuffle from a constant lane costs two instructions, from a variable one lane one.
fn product(g: u32, n0: u32, e0: u32, lane: u32, zero: u32) -> array<vec4f, 16> {
  let width = p.D / 4;
  let rows = (min(vec2u(n0 + lane, n0 + lane + 8), vec2u(p.N - 1)) + g * p.N) * width;
  let column = (columns(e0) + g * p.E) * width;
  var sum: array<vec4f, 16>;
  for (var d = 0u; d < width; d++) {
    let near = x[rows.x + d];
    let far = x[rows.y + d];
    let weight = mat4x4f(w[column.x + d], w[column.y + d], w[column.z + d], w[column.w + d]);
    for (var i = 0u; i < 8u; i++) {
      sum[i] += subgroupShuffle(near, zero + i) * weight;
      sum[i + 8] += subgroupShuffle(far, zero + i) * weight;
    }
  }
  return sum;
}

fn put(g: u32, n0: u32, e0: u32, sum: array<vec4f, 16>, added: vec4f) {
  for (var i = 0u; i < 16u; i++) {
    let row = sum[i] + added;
    for (var c = 0u; c < 4u; c++) {
      let e = e0 + c * 8;
      if (n0 + i < p.N && e < p.E) { y[((n0 + i) * p.G + g) * p.E + e] = row[c]; }
    }
  }
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = wg.y % p.G;
  let n0 = wg.y / p.G * 16;
  let e0 = wg.x * 32 + lane;
  put(g, n0, e0, product(g, n0, e0, lane, u32(groups.x == 0)), vec4f());
}

@compute @workgroup_size(8)
fn forward_bias(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let g = wg.y % p.G;
  let n0 = wg.y / p.G * 16;
  let e0 = wg.x * 32 + lane;
  let at = columns(e0) + g * p.E;
  let added = vec4f(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  put(g, n0, e0, product(g, n0, e0, lane, u32(groups.x == 0)), added);
}
