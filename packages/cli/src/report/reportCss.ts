/** The page around the drawings. */
export const reportCss = `
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{max-width:79rem;margin:0 auto;padding:1.5rem clamp(.9rem,3vw,2rem) 4rem}
header h1{font-size:clamp(1.5rem,4vw,2.1rem);line-height:1.2;margin:.1rem 0 1rem}
.kind{margin:0;color:var(--muted);font-size:.9rem}
h2{font-size:1.25rem;margin:2.4rem 0 .6rem}
section>p,.lead{max-width:46rem}
.lead{font-size:1.05rem}
aside{background:var(--raised);border-left:4px solid var(--negative);border-radius:0 8px 8px 0;padding:.5rem 1rem;font-size:.95rem}
aside ul{margin:0;padding-left:1.1rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:0}
.facts dt{color:var(--muted)}.facts dd{margin:0}
.care{border-left:4px solid var(--negative);padding-left:.8rem}
.wide{max-width:46rem}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1.2rem 1.8rem;margin:.8rem 0}
.table+.table{margin-top:1rem}
details{margin:.3rem 0}
summary{cursor:pointer;color:var(--muted);padding:.25rem 0;border-radius:4px}
summary:hover{color:var(--ink)}
pre{background:var(--raised);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;font-size:.82rem;line-height:1.45}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
noscript svg{max-width:100%;height:auto}
@media (max-width:30rem){.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}th,td{padding:.3rem .5rem}}
@media print{details,.controls,.details{break-inside:avoid}}
`;
