// EACH elements a thread. Op: core/src/ops/widen.ts
struct Params { N: u32 }
override WG: u32 = 64;
override EACH: u32 = 1;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;       // [N / 2], rounded up: two numbers each
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [N]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let start = (wg.x + wg.y * groups.x) * WG * EACH + t;
  for (var i = start; i < min(p.N, start + WG * EACH); i += WG) {
    let two = unpack2x16float(x[i / 2]);
    y[i] = select(two.x, two.y, i % 2 == 1);
  }
}
