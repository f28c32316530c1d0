// Eight chains of multiply-adds that do not wait for one another, four turns of each written out: a loop costs as well.
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  // near 1, so that nothing overflows, and unknown to the compiler
  let m = vec4f(1.0 - 1e-7 * f32(id.x & 7));
  let s = vec4f(1e-7);
  var a = vec4f(f32(id.x)); var b = a + 1; var c = a + 2; var d = a + 3;
  var e = a + 4; var f = a + 5; var g = a + 6; var h = a + 7;
  for (var i = 0; i < 64; i++) {
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s); d = fma(d, m, s);
    e = fma(e, m, s); f = fma(f, m, s); g = fma(g, m, s); h = fma(h, m, s);
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s); d = fma(d, m, s);
    e = fma(e, m, s); f = fma(f, m, s); g = fma(g, m, s); h = fma(h, m, s);
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s); d = fma(d, m, s);
    e = fma(e, m, s); f = fma(f, m, s); g = fma(g, m, s); h = fma(h, m, s);
    a = fma(a, m, s); b = fma(b, m, s); c = fma(c, m, s); d = fma(d, m, s);
    e = fma(e, m, s); f = fma(f, m, s); g = fma(g, m, s); h = fma(h, m, s);
  }
  y[id.x] = a + b + c + d + e + f + g + h;
}
