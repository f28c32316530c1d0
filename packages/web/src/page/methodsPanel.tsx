export function MethodsPanel() {
  return <section class="panel">methodsPanel</section>;
}
