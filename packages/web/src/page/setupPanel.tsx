export function SetupPanel() {
  return <section class="panel">setupPanel</section>;
}
