// Binds what a kernel of the usual size binds, and does next to nothing.
struct Params { n: u32 }
override WORTH: f32 = 1.0; // makes two pipelines of one text

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> c: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(8)
fn main(@builtin(local_invocation_index) i: u32) {
  if (i < p.n) { y[i] = WORTH * (a[i] + b[i] + c[i]); }
}
