// Eight elements at once, EACH times a thread: a load of four words costs a software adapter little more than one of two.
// Op: core/src/ops/widen.ts
struct Params { N: u32 }
override WG: u32 = 64;
override EACH: u32 = 1;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4u>;       // [N / 8]: two numbers a word
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [N / 4]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let start = (wg.x + wg.y * groups.x) * WG * EACH + t;
  for (var i = start; i < min(p.N / 8, start + WG * EACH); i += WG) {
    let words = x[i];
    y[2 * i] = vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
    y[2 * i + 1] = vec4f(unpack2x16float(words.z), unpack2x16float(words.w));
  }
}
