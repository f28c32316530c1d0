// A thread has 4 rows × 4 columns of one group's product, in registers written out: SwiftShader keeps arrays in memory. e in
// order, four at a time. Rows past the end compute what the last one does and write nothing. Op: core/src/ops/grouped.ts
struct Params { N: u32, G: u32, E: u32, D: u32 }
override WG: u32 = 16;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;       // [N, G, E / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;       // [G, E, D / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [G, N, D / 4]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  let width = p.D / 4;
  let down = (p.N + 3) / 4;
  let g = i / (width * down);
  if (g >= p.G) { return; }
  let d = i % width;
  let n0 = i / width % down * 4;
  let row = (min(n0 + vec4u(0, 1, 2, 3), vec4u(p.N - 1)) * p.G + g) * (p.E / 4);
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var e = 0u; e < p.E / 4; e++) {
    let at = (g * p.E + 4 * e) * width + d;
    let w0 = w[at];
    let w1 = w[at + width];
    let w2 = w[at + 2 * width];
    let w3 = w[at + 3 * width];
    let x0 = x[row.x + e];
    sum0 += x0.x * w0 + x0.y * w1 + x0.z * w2 + x0.w * w3;
    let x1 = x[row.y + e];
    sum1 += x1.x * w0 + x1.y * w1 + x1.z * w2 + x1.w * w3;
    let x2 = x[row.z + e];
    sum2 += x2.x * w0 + x2.y * w1 + x2.z * w2 + x2.w * w3;
    let x3 = x[row.w + e];
    sum3 += x3.x * w0 + x3.y * w1 + x3.z * w2 + x3.w * w3;
  }
  let out = (g * p.N + n0) * width + d;
  y[out] = sum0;
  if (n0 + 1 < p.N) { y[out + width] = sum1; }
  if (n0 + 2 < p.N) { y[out + 2 * width] = sum2; }
  if (n0 + 3 < p.N) { y[out + 3 * width] = sum3; }
}
