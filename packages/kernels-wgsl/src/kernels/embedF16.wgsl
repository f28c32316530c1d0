// One workgroup a row; its threads stride over d. Op: core/src/ops/embed.ts
struct Params { N: u32, V: u32, D: u32, first: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> ids: array<u32>;             // [N]
@group(0) @binding(2) var<storage, read> w: array<u32>;               // [V · D / 2], rounded up: two numbers each
@group(0) @binding(3) var<storage, read_write> y: array<f32>;         // [N, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let n = wg.x + wg.y * groups.x;
  if (n >= p.N) { return; }
  // Below `first` the difference wraps around to a large number.
  let id = ids[n] - p.first;
  for (var d = t; d < p.D; d += WG) {
    var value = 0.0;
    if (id < p.V) {
      // Where D is odd a row may begin within a word.
      let i = id * p.D + d;
      let two = unpack2x16float(w[i / 2]);
      value = select(two.x, two.y, i % 2 == 1);
    }
    y[n * p.D + d] = value;
  }
}
