// One thread a column; rows in order, so the sum is the same on every run. Eight rows a turn: their loads need not wait for
// one another, and a turn of a loop costs a software adapter as much as five loads. Op: core/src/ops/columnSum.ts
struct Params { N: u32, D: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, D]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [D]

/// Four numbers of a column, from the row that `at` is in on.
fn down(at: u32) -> vec4f { return vec4f(x[at], x[at + p.D], x[at + 2 * p.D], x[at + 3 * p.D]); }

/// The four after `sum`, one after the other.
fn add_four(sum: f32, four: vec4f) -> f32 { return sum + four.x + four.y + four.z + four.w; }

@compute @workgroup_size(WG)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let d = id.x;
  if (d >= p.D) { return; }
  var sum = 0.0;
  let whole = p.N - p.N % 8;
  for (var n = 0u; n < whole; n += 8) {
    let upper = down(n * p.D + d);
    let lower = down((n + 4) * p.D + d);
    sum = add_four(add_four(sum, upper), lower);
  }
  for (var n = whole; n < p.N; n++) { sum += x[n * p.D + d]; }
  y[d] = sum;
}
