// One thread a row of g: lanes have the reads of one position, so that they share a row of x. Op: core/src/ops/readGrad.ts
struct Params { G: u32, N: u32, R: u32, D: u32, r0: u32 }
override WG: u32 = 8;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;          // [N, D / 4]
@group(0) @binding(2) var<storage, read> mean: array<f32>;         // [N]
@group(0) @binding(3) var<storage, read> rstd: array<f32>;         // [N]
@group(0) @binding(4) var<storage, read> gain: array<vec4f>;       // [D / 4]
@group(0) @binding(5) var<storage, read> dY: array<vec4f>;         // [G, N, D / 4]
@group(0) @binding(6) var<storage, read_write> into: array<vec4f>; // [N, R, D / 4]

/// dot = mean_d(c · x̂) and mean_d(c), with c = dY · gain, for row n of x and the row of dY that begins at `row`.
fn means(n: u32, row: u32, centre: f32, r: f32) -> vec2f {
  let width = p.D / 4;
  let at = n * width;
  var along = vec4f();
  var total = vec4f();
  for (var d = 0u; d < width; d++) {
    let c = dY[row + d] * gain[d];
    along += c * (x[at + d] - centre);
    total += c;
  }
  return vec2f(r * dot(along, vec4f(1)), dot(total, vec4f(1))) / f32(p.D);
}

fn put(i: u32, row: u32, centre: f32, r: f32, dot: f32, average: f32) {
  let width = p.D / 4;
  let at = i / p.G * width;
  let to = (i / p.G * p.R + p.r0 + i % p.G) * width;
  for (var d = 0u; d < width; d++) {
    into[to + d] = r * (dY[row + d] * gain[d] - average - (x[at + d] - centre) * (r * dot));
  }
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.G * p.N) { return; }
  let n = i / p.G;
  let row = (i % p.G * p.N + n) * (p.D / 4);
  let r = rstd[n];
  put(i, row, 0.0, r, means(n, row, 0.0, r).x, 0.0);
}

@compute @workgroup_size(WG)
fn forward_mean(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.G * p.N) { return; }
  let n = i / p.G;
  let row = (i % p.G * p.N + n) * (p.D / 4);
  let r = rstd[n];
  let centre = mean[n];
  let s = means(n, row, centre, r);
  put(i, row, centre, r, s.x, s.y);
}
