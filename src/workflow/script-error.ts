import { SwitchyardError } from '../contract/failure.ts'

/** A place in a script: lines and columns count from 1. */
export interface Place {
  line: number
  column: number
}

/** What is wrong with a script as it is written, and where. Its failure has the cause `config`. */
export class ScriptError extends SwitchyardError {
  readonly place: Place

  constructor(file: string, place: Place, message: string, options?: ErrorOptions) {
    super({ cause: 'config', message: `${file}:${place.line}:${place.column}: ${message}`.slice(0, 2_000) }, options)
    this.name = 'ScriptError'
    this.place = place
  }
}

/** How a workflow's file is named in errors. */
export function fileOf(name: string): string {
  return `${name}.js`
}
