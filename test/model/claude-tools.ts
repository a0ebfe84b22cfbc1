import { reportCommand } from './report-command.ts'
import type { Intent, ToolDialect } from './script.ts'

/** Claude Code's tools. */
export const claudeTools: ToolDialect = {
  knownBy: ['Bash'],
  calls(intent: Intent) {
    switch (intent.do) {
      case 'write':
        return [{ name: 'Write', input: { file_path: intent.path, content: intent.content } }]
      case 'edit':
        return [
          { name: 'Read', input: { file_path: intent.path } },
          { name: 'Edit', input: { file_path: intent.path, old_string: intent.from, new_string: intent.to } },
        ]
      case 'run':
        return [{ name: 'Bash', input: { command: intent.command, description: 'Run a command' } }]
      case 'todos': {
        const todos = intent.items.map(({ text, done }) => ({
          content: text,
          activeForm: text,
          status: done ? 'completed' : 'pending',
        }))
        return [{ name: 'TodoWrite', input: { todos } }]
      }
      case 'report':
        return [{ name: 'Bash', input: { command: reportCommand(intent.report), description: 'Write the report' } }]
    }
  },
}
