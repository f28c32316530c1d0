export function Controls() {
  return <section class="panel">controls</section>;
}
