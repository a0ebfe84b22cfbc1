import { storable } from './json.ts'
import type { WorkflowFailure } from './progress.ts'

/** A frame of QuickJS's stacks: `at name (file.js:3:5)`. What runs before a script begins with `~`. */
const FRAME = /[( ]([a-z][a-z0-9-]*\.js):(\d{1,7}):(\d{1,7})\)?/

/** A failure at the first place of a script that a stack names. */
export function failureAt(kind: WorkflowFailure['kind'], message: string, stack: string): WorkflowFailure {
  const [, file = null, line, column] = FRAME.exec(stack) ?? []
  const at = file === null ? { line: null, column: null } : { line: Number(line), column: Number(column) }
  return { kind, message: storable(message), file, ...at }
}
