import { reportCommand } from './report-command.ts'
import type { Intent, ToolDialect } from './script.ts'

/** Pi's tools. It has no to-do list: a command that does nothing keeps its turn going. */
export const piTools: ToolDialect = {
  knownBy: ['read', 'bash', 'edit', 'write'],
  calls(intent: Intent) {
    switch (intent.do) {
      case 'write':
        return [{ name: 'write', input: { path: intent.path, content: intent.content } }]
      case 'edit':
        return [{ name: 'edit', input: { path: intent.path, edits: [{ oldText: intent.from, newText: intent.to }] } }]
      case 'run':
        return [{ name: 'bash', input: { command: intent.command } }]
      case 'todos':
        return [{ name: 'bash', input: { command: 'true' } }]
      case 'report':
        return [{ name: 'bash', input: { command: reportCommand(intent.report) } }]
    }
  },
}
