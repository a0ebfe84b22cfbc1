/** What this project uses of WebAssembly and @types/node does not declare. https://webassembly.github.io/spec/js-api/ */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  function compile(bytes: Uint8Array): Promise<Module>
}
