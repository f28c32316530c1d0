export function OpenSave() {
  return <section class="panel">openSave</section>;
}
