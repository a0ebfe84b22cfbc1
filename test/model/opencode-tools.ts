import { reportCommand } from './report-command.ts'
import type { Intent, ToolDialect } from './script.ts'

/** OpenCode's tools. */
export const opencodeTools: ToolDialect = {
  knownBy: ['bash', 'read', 'edit', 'write', 'todowrite'],
  calls(intent: Intent) {
    switch (intent.do) {
      case 'write':
        return [{ name: 'write', input: { filePath: intent.path, content: intent.content } }]
      case 'edit':
        return [{ name: 'edit', input: { filePath: intent.path, oldString: intent.from, newString: intent.to } }]
      case 'run':
        return [bash(intent.command)]
      case 'todos': {
        const todos = intent.items.map(({ text, done }) => ({
          content: text,
          status: done ? 'completed' : 'pending',
          priority: 'medium',
        }))
        return [{ name: 'todowrite', input: { todos } }]
      }
      case 'report':
        return [bash(reportCommand(intent.report))]
    }
  },
}

function bash(command: string) {
  return { name: 'bash', input: { command, description: 'Run a command' } }
}
