export function PromptPanel() {
  return <section class="panel">promptPanel</section>;
}
