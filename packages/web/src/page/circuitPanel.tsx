export function CircuitPanel() {
  return <section class="panel">circuitPanel</section>;
}
