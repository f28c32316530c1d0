/** Browser code as the text of a script, bundled when this package is. */
declare module '*?page' {
  const script: string;
  export default script;
}
