// A thread has 4 rows × 4 columns of one group's product, in registers written out: SwiftShader keeps arrays in memory. d four
// at a time. Rows past the end compute what the last one does and write nothing. Op: core/src/ops/grouped.ts
struct Params { N: u32, G: u32, E: u32, D: u32 }
override WG: u32 = 16;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;       // [G, N, D / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;       // [G, E, D / 4]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [G, E / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [N, G, E / 4]

/// Where a thread's block begins: group, first row, and which four columns.
fn first_of(wg: vec3u, groups: vec3u, t: u32) -> vec3u {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  let across = p.E / 4;
  let down = (p.N + 3) / 4;
  return vec3u(i / (across * down), i / across % down * 4, i % across);
}

fn product(at: vec3u, added: vec4f) {
  let depth = p.D / 4;
  let row = (at.x * p.N + min(at.y + vec4u(0, 1, 2, 3), vec4u(p.N - 1))) * depth;
  let column = (at.x * p.E + 4 * at.z) * depth;
  var sum0 = added;
  var sum1 = added;
  var sum2 = added;
  var sum3 = added;
  for (var d = 0u; d < depth; d++) {
    let w0 = w[column + d];
    let w1 = w[column + depth + d];
    let w2 = w[column + 2 * depth + d];
    let w3 = w[column + 3 * depth + d];
    let x0 = x[row.x + d];
    sum0 += vec4f(dot(x0, w0), dot(x0, w1), dot(x0, w2), dot(x0, w3));
    let x1 = x[row.y + d];
    sum1 += vec4f(dot(x1, w0), dot(x1, w1), dot(x1, w2), dot(x1, w3));
    let x2 = x[row.z + d];
    sum2 += vec4f(dot(x2, w0), dot(x2, w1), dot(x2, w2), dot(x2, w3));
    let x3 = x[row.w + d];
    sum3 += vec4f(dot(x3, w0), dot(x3, w1), dot(x3, w2), dot(x3, w3));
  }
  let width = p.G * (p.E / 4);
  let out = at.y * width + at.x * (p.E / 4) + at.z;
  y[out] = sum0;
  if (at.y + 1 < p.N) { y[out + width] = sum1; }
  if (at.y + 2 < p.N) { y[out + 2 * width] = sum2; }
  if (at.y + 3 < p.N) { y[out + 3 * width] = sum3; }
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let at = first_of(wg, groups, t);
  if (at.x < p.G) { product(at, vec4f()); }
}

@compute @workgroup_size(WG)
fn forward_bias(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let at = first_of(wg, groups, t);
  if (at.x < p.G) { product(at, bias[at.x * (p.E / 4) + at.z]); }
}
