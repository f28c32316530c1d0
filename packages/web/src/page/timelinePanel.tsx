export function TimelinePanel() {
  return <section class="panel">timelinePanel</section>;
}
