// One workgroup a row of one source, four numbers a thread and turn. Op: core/src/ops/stackSources.ts
struct Params { G: u32, M: u32, D: u32, S: u32, s0: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;          // [G, M, D]
@group(0) @binding(2) var<storage, read_write> into: array<f32>; // [M, S, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let row = wg.x + wg.y * groups.x;
  if (row >= p.G * p.M) { return; }
  let at = row * p.D;
  let to = (row % p.M * p.S + p.s0 + row / p.M) * p.D;
  let whole = p.D - p.D % (4 * WG);
  for (var first = 0u; first < whole; first += 4 * WG) {
    let d = first + t;
    let four = vec4f(x[at + d], x[at + d + WG], x[at + d + 2 * WG], x[at + d + 3 * WG]);
    into[to + d] = four.x;
    into[to + d + WG] = four.y;
    into[to + d + 2 * WG] = four.z;
    into[to + d + 3 * WG] = four.w;
  }
  for (var d = whole + t; d < p.D; d += WG) { into[to + d] = x[at + d]; }
}
