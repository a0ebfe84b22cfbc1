import { reportCommand } from './report-command.ts'
import type { Intent, ToolDialect } from './script.ts'
import { editCommand, writeCommand } from './shell-edits.ts'

/** Codex's tools: it does its work by a shell. */
export const codexTools: ToolDialect = {
  knownBy: ['exec_command'],
  calls(intent: Intent) {
    switch (intent.do) {
      case 'write':
        return [exec(writeCommand(intent.path, intent.content))]
      case 'edit':
        return [exec(editCommand(intent.path, intent.from, intent.to))]
      case 'run':
        return [exec(intent.command)]
      case 'todos': {
        const plan = intent.items.map(({ text, done }) => ({ step: text, status: done ? 'completed' : 'pending' }))
        return [{ name: 'update_plan', input: { plan } }]
      }
      case 'report':
        return [exec(reportCommand(intent.report))]
    }
  },
}

function exec(cmd: string) {
  return { name: 'exec_command', input: { cmd } }
}
