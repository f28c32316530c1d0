// One workgroup 8 sources × 8 reads and a chunk of m. Its threads stride over the chunk's M · D, four floats at a time, and
// each keeps all 64 sums: 16 loads serve 256 products, and neighbours load neighbours. One barrier, then thread (i, j) adds
// the sums of pair (i, j) over the threads. A second entry adds the chunks in order. Op: core/src/ops/edgeScore.ts
struct Params { S: u32, R: u32, M: u32, D: u32, s0: u32, C: u32, CHUNK: u32 }
const WG: u32 = 64; // the pairs of a tile: each is one thread's at the end

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<vec4f>;       // [S, M, D / 4]
@group(0) @binding(2) var<storage, read> grad: array<vec4f>;        // [R, M, D / 4]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, S, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, S, R]
@group(0) @binding(6) var<storage, read_write> total: array<f32>;   // [I, R]

var<workgroup> sums: array<f32, 4096>; // [pair, thread]: 16 KiB

@compute @workgroup_size(WG)
fn forward_partial(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) t: u32) {
  let row = p.D / 4;
  let r0 = wg.x * 8;
  let s0 = wg.y * 8;
  let first = wg.z * p.CHUNK;
  let last = min(first + p.CHUNK, p.M);
  var sum: array<f32, 64>;
  var m = first + t / row;
  var d = t % row;
  while (m < last) {
    let at = m * row + d;
    var a = array<vec4f, 8>();
    var b = array<vec4f, 8>();
    let w = weight[m];
    for (var i = 0u; i < 8u; i++) {
      if (s0 + i < p.S) { a[i] = w * delta[(s0 + i) * p.M * row + at]; }
      if (r0 + i < p.R) { b[i] = grad[(r0 + i) * p.M * row + at]; }
    }
    for (var i = 0u; i < 8u; i++) {
      for (var j = 0u; j < 8u; j++) { sum[i * 8 + j] += dot(a[i], b[j]); }
    }
    d += WG;
    while (d >= row) {
      d -= row;
      m++;
    }
  }
  for (var pair = 0u; pair < 64u; pair++) { sums[pair * WG + t] = sum[pair]; }
  workgroupBarrier();
  let s = s0 + t / 8;
  let r = r0 + t % 8;
  if (s >= p.S || r >= p.R) { return; }
  var all = 0.0;
  // Each thread begins elsewhere, or all would read one memory bank at a time.
  for (var k = 0u; k < WG; k++) { all += sums[t * WG + (k + t) % WG]; }
  partial[(wg.z * p.S + s) * p.R + r] = all;
}

@compute @workgroup_size(WG)
fn forward_sum(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.S * p.R) { return; }
  var sum = 0.0;
  for (var c = 0u; c < p.C; c++) { sum += partial_in[c * p.S * p.R + i]; }
  total[p.s0 * p.R + i] += sum;
}
