/** The style sheet of the drawings, to be put into the page that shows them; colours come from `themeCss`. */
export const drawCss = `
.circuit{overflow-x:auto;scrollbar-width:thin}
.stage:focus-visible{outline-offset:-2px}
.stage{position:relative;overflow:hidden;cursor:crosshair;touch-action:pan-x pan-y;border-radius:6px}
.stage.zoomed{touch-action:none;cursor:grab}
.stage canvas{position:absolute;left:0;top:0;display:block}
.stage .below{position:absolute;inset:0;transition:opacity .12s}
.stage .haze{transform-origin:0 0}
.circuit.boxed{height:100%;overflow:hidden}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.circuit-pair figure{margin:0;min-width:0}
.circuit-pair figcaption{color:var(--muted);font-size:.85rem;min-height:2.8em}
.circuit-pair figcaption strong{color:var(--ink);display:block;font-size:.95rem}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem 1.5rem}
.pictures>figure:only-child{max-width:44rem}
.controls{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;font-size:.9rem}
.choices{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .8rem}
.controls label{display:inline-flex;align-items:center;gap:.4rem;min-height:2rem}
.controls input[type=range]{width:9rem;accent-color:var(--accent)}
.controls input[type=radio]{accent-color:var(--accent)}
.controls select{font:inherit;color:inherit;background:var(--raised);border:1px solid var(--faint);border-radius:6px;padding:.25rem .5rem}
.controls output{font-variant-numeric:tabular-nums;min-width:3ch}
.legend,.readout{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.4rem 0;color:var(--muted);font-size:.85rem}
.key{display:inline-flex;align-items:center;gap:.4rem;white-space:nowrap}
.key .line{width:1.8rem;border-top:3px solid}
.line.positive{border-color:var(--positive)}.line.negative{border-color:var(--negative)}
.line.kept{border-color:var(--kept)}.line.left{border-color:var(--left);border-top-style:dashed}.line.entered{border-color:var(--entered)}
.line.grew{border-color:var(--grew);border-top-style:dashed}.line.shrank{border-color:var(--shrank);border-top-style:dotted}
.area{width:1.8rem;height:.8rem;border-radius:2px;display:inline-block}
.dot{width:.6rem;height:.6rem;border-radius:50%;display:inline-block}
.swatch{width:.7rem;height:.7rem;border-radius:2px;display:inline-block}
.details{background:var(--raised);border-radius:8px;padding:.8rem 1rem;margin-top:.6rem;min-height:13.5rem;font-size:.9rem}
.details h3{margin:0 0 .4rem;font-size:1rem;font-weight:600}
.details h4{margin:.3rem 0;font-size:.85rem;color:var(--muted);font-weight:600}
.details dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}
.details dt{color:var(--muted)}.details dd{margin:0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:.2rem 2rem}
.edge-list{list-style:none;margin:0;padding:0}
button.edge{display:flex;flex-wrap:wrap;gap:.2rem .8rem;width:100%;font:inherit;text-align:left;color:inherit;background:none;border:0;border-radius:4px;padding:.15rem .3rem;cursor:pointer}
button.edge:hover{background:var(--faint)}
button.edge code{min-width:8.5rem}
.score{font-variant-numeric:tabular-nums}
.fate{font-size:.8rem;border-radius:4px;padding:0 .4rem;border:1px solid}
.fate.kept{color:var(--muted)}.fate.left{color:var(--left);border-style:dashed}.fate.entered{color:var(--entered)}
.fate.grew{color:var(--grew)}.fate.shrank{color:var(--shrank);border-style:dotted}
.hint{color:var(--muted)}
.details .hint{margin:0}
.chart{margin:0;min-width:0}
.chart figcaption{font-weight:600;font-size:.95rem}
.chart .readout{margin:.1rem 0 0;min-height:2.6em;align-content:flex-start;font-variant-numeric:tabular-nums}
.attention-maps{display:flex;flex-wrap:wrap;gap:1rem}
.attention figure{margin:0;min-width:0;overflow-x:auto;scrollbar-width:thin}
.attention figcaption{font-size:.85rem;color:var(--muted)}
.attention canvas{display:block;outline-offset:-2px;border-radius:4px;touch-action:pan-x pan-y}
.plot{border-radius:6px;overflow-x:clip}
.uplot,.uplot *{box-sizing:border-box}
.uplot{width:min-content}
.u-wrap{position:relative;user-select:none}
.u-over,.u-under,.u-axis,.u-select{position:absolute}
.u-under{overflow:hidden}
.uplot canvas{display:block;position:relative;width:100%;height:100%}
.u-cursor-x{position:absolute;left:0;top:0;height:100%;border-right:1px solid var(--muted);pointer-events:none;will-change:transform}
.u-moment{position:absolute;left:-1px;top:0;height:100%;border-left:2px solid var(--accent);pointer-events:none}
.pickable .u-over{cursor:col-resize;touch-action:pan-y}
.u-cursor-y,.u-select{display:none}
.u-cursor-pt{position:absolute;left:0;top:0;border-radius:50%;border:0 solid;pointer-events:none;will-change:transform;background-clip:padding-box!important}
.u-off{display:none}
.table{overflow-x:auto;scrollbar-width:thin;background:linear-gradient(to left,var(--paper) 40%,transparent) right/3rem 100% no-repeat local,linear-gradient(to left,var(--muted),transparent) right/.6rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding:.2rem 0;font-size:.85rem}
th,td{padding:.3rem .45rem;border-bottom:1px solid var(--faint);text-align:left;white-space:nowrap}
thead th{max-width:8.5rem;color:var(--muted);font-weight:600;vertical-align:bottom;white-space:normal;overflow-wrap:normal}
thead .groups th{text-align:center;border-bottom:1px solid var(--muted)}
thead .groups td{border:0}
th.number,td.number{text-align:right}
tbody th{font-weight:600;position:sticky;left:0;background:var(--paper)}
th button{all:unset;cursor:pointer}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" ↑"}
th[aria-sort=descending] button::after{content:" ↓"}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (prefers-reduced-motion:reduce){.stage .below{transition:none}}
`;
