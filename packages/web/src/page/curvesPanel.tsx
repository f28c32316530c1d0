export function CurvesPanel() {
  return <section class="panel">curvesPanel</section>;
}
