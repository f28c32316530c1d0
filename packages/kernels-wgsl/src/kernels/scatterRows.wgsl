// The first position of each token adds up those that follow it, so that no two threads write one row, and the order of the
// sum is that of n. Positions of one token are linked beforehand: N² / 2 comparisons of ids, instead of as many for each
// channel. Without a total to add to, rows are cleared first. Op: core/src/ops/scatterRows.ts
struct Params { N: u32, V: u32, D: u32, first: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> ids: array<u32>;             // [N]
@group(0) @binding(2) var<storage, read> x: array<f32>;               // [N, D]
@group(0) @binding(3) var<storage, read_write> following: array<u32>; // [N] the next position with the same id, N if none
@group(0) @binding(4) var<storage, read_write> leading: array<u32>;   // [N] 1 where no earlier position has the same id
@group(0) @binding(5) var<storage, read> following_in: array<u32>;    // [N]
@group(0) @binding(6) var<storage, read> leading_in: array<u32>;      // [N]
@group(0) @binding(7) var<storage, read_write> sum: array<f32>;       // [V, D]
@group(0) @binding(8) var<storage, read_write> total: array<f32>;     // [V, D]

// Whether position n adds to a row here, for all positions of its token; below `first` the difference wraps around to a
// large number.
fn leads(n: u32) -> bool { return n < p.N && leading_in[n] != 0 && ids[n] - p.first < p.V; }

// Of channel d, over the positions that have the token of n.
fn added(n: u32, d: u32) -> f32 {
  var so_far = 0.0;
  for (var m = n; m < p.N; m = following_in[m]) { so_far += x[m * p.D + d]; }
  return so_far;
}

@compute @workgroup_size(WG)
fn forward_links(@builtin(global_invocation_id) at: vec3u) {
  let n = at.x;
  if (n >= p.N) { return; }
  let id = ids[n];
  var next = n + 1;
  while (next < p.N && ids[next] != id) { next++; }
  following[n] = next;
  var earlier = 0u;
  while (earlier < n && ids[earlier] != id) { earlier++; }
  leading[n] = select(0u, 1u, earlier == n);
}

@compute @workgroup_size(WG)
fn forward_clear(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let v = wg.x + wg.y * groups.x;
  if (v >= p.V) { return; }
  for (var d = t; d < p.D; d += WG) { sum[v * p.D + d] = 0.0; }
}

// One workgroup a position n; its threads stride over d.
@compute @workgroup_size(WG)
fn forward_rows(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let n = wg.x + wg.y * groups.x;
  if (!leads(n)) { return; }
  let row = (ids[n] - p.first) * p.D;
  for (var d = t; d < p.D; d += WG) { sum[row + d] = added(n, d); }
}

@compute @workgroup_size(WG)
fn forward_rows_total(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let n = wg.x + wg.y * groups.x;
  if (!leads(n)) { return; }
  let row = (ids[n] - p.first) * p.D;
  for (var d = t; d < p.D; d += WG) { total[row + d] += added(n, d); }
}
