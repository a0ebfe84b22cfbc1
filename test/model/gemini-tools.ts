import { reportCommand } from './report-command.ts'
import type { Intent, ToolDialect } from './script.ts'

/** Gemini CLI's tools. */
export const geminiTools: ToolDialect = {
  knownBy: ['run_shell_command', 'write_file', 'replace'],
  calls(intent: Intent) {
    switch (intent.do) {
      case 'write':
        return [{ name: 'write_file', input: { file_path: intent.path, content: intent.content } }]
      case 'edit': {
        const { path, from, to } = intent
        return [{ name: 'replace', input: { file_path: path, instruction: 'Change it', old_string: from, new_string: to } }]
      }
      case 'run':
        return [shell(intent.command)]
      case 'todos': {
        const todos = intent.items.map(({ text, done }) => ({ description: text, status: done ? 'completed' : 'pending' }))
        return [{ name: 'write_todos', input: { todos } }]
      }
      case 'report':
        return [shell(reportCommand(intent.report))]
    }
  },
}

function shell(command: string) {
  return { name: 'run_shell_command', input: { command, description: 'Run a command' } }
}
