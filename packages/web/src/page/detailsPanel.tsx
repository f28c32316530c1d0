export function DetailsPanel() {
  return <section class="panel">detailsPanel</section>;
}
