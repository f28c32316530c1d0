// One thread a pair of channels of one position, for all heads: they share the angle. Op: core/src/ops/rope.ts
struct Params { N: u32, H: u32, E: u32, J: u32, inverse: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;         // [N, H, E]
@group(0) @binding(2) var<storage, read> positions: array<u32>; // [N]
@group(0) @binding(3) var<storage, read> freq: array<f32>;      // [J]
@group(0) @binding(4) var<storage, read_write> y: array<f32>;   // [N, H, E]

// WGSL promises cos and sin only to 2⁻¹¹, and only within [−π, π]. So the angle is brought to [−π/4, π/4] by multiples of
// π/2, held as a sum of three numbers (Cody and Waite), where a few terms of Taylor's series are exact to f32.
fn cos_sin(angle: f32) -> vec2f {
  let quarters = round(angle * 0.63661977);
  var a = fma(-quarters, 1.5703125, angle);
  a = fma(-quarters, 4.8375129699707031e-4, a);
  a = fma(-quarters, 7.5497899548918821e-8, a);
  let s = a * a;
  let cosine = fma(s, fma(s, fma(s, fma(s, 1.0 / 40320.0, -1.0 / 720.0), 1.0 / 24.0), -0.5), 1.0);
  let sine = fma(a * s, fma(s, fma(s, fma(s, 1.0 / 362880.0, -1.0 / 5040.0), 1.0 / 120.0), -1.0 / 6.0), a);
  switch (u32(quarters) & 3u) {
    case 0: { return vec2f(cosine, sine); }
    case 1: { return vec2f(-sine, cosine); }
    case 2: { return vec2f(-cosine, -sine); }
    default: { return vec2f(sine, -cosine); }
  }
}

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.N * p.J) { return; }
  let n = i / p.J;
  let j = i % p.J;
  let turn = cos_sin(f32(positions[n]) * freq[j]);
  let s = select(turn.y, -turn.y, p.inverse != 0);
  for (var h = 0u; h < p.H; h++) {
    let at = (n * p.H + h) * p.E + j;
    let a = x[at];
    let b = x[at + p.J];
    y[at] = a * turn.x - b * s;
    y[at + p.J] = b * turn.x + a * s;
  }
}
