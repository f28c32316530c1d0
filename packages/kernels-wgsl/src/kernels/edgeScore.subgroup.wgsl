// One subgroup of 8 lanes 16 sources × 16 reads and a chunk of m. A lane loads two sources and two reads, keeps its two
// reads and shuffles through all 16 sources: 4 loads serve 128 products a lane, no barrier. Sources and reads past the end
// compute what the last one does and write nothing. A second entry adds the chunks in order. Op: core/src/ops/edgeScore.ts
enable subgroups;

struct Params { S: u32, R: u32, M: u32, D: u32, s0: u32, C: u32, CHUNK: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<vec4f>;       // [S, M, D / 4]
@group(0) @binding(2) var<storage, read> grad: array<vec4f>;        // [R, M, D / 4]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, S, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, S, R]
@group(0) @binding(6) var<storage, read_write> total: array<f32>;   // [I, R]

@compute @workgroup_size(8)
fn forward_partial(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // 0, but not to the compiler: a shuffle from a constant lane costs two instructions, from a variable one lane one.
  let zero = u32(groups.x == 0);
  let row = p.D / 4;
  let s0 = wg.y * 16;
  let r0 = wg.x * 16 + lane;
  let source = min(vec2u(s0 + lane, s0 + lane + 8), vec2u(p.S - 1)) * p.M * row;
  let reader = min(vec2u(r0, r0 + 8), vec2u(p.R - 1)) * p.M * row;
  let first = wg.z * p.CHUNK;
  var sum: array<vec2f, 16>;
  for (var m = first; m < min(first + p.CHUNK, p.M); m++) {
    let w = weight[m];
    for (var k = m * row; k < (m + 1) * row; k++) {
      let near = w * delta[source.x + k];
      let far = w * delta[source.y + k];
      let b = array(grad[reader.x + k], grad[reader.y + k]);
      for (var i = 0u; i < 8u; i++) {
        let a = subgroupShuffle(near, zero + i);
        sum[i] += vec2f(dot(a, b[0]), dot(a, b[1]));
      }
      for (var i = 0u; i < 8u; i++) {
        let a = subgroupShuffle(far, zero + i);
        sum[i + 8] += vec2f(dot(a, b[0]), dot(a, b[1]));
      }
    }
  }
  for (var i = 0u; i < 16u; i++) {
    for (var j = 0u; j < 2u; j++) {
      let s = s0 + i;
      let r = r0 + j * 8;
      if (s < p.S && r < p.R) { partial[(wg.z * p.S + s) * p.R + r] = sum[i][j]; }
    }
  }
}

@compute @workgroup_size(WG)
fn forward_sum(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.S * p.R) { return; }
  var sum = 0.0;
  for (var c = 0u; c < p.C; c++) { sum += partial_in[c * p.S * p.R + i]; }
  total[p.s0 * p.R + i] += sum;
}
