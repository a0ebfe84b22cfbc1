import { reportCommand } from './report-command.ts'
import type { Intent, ToolDialect } from './script.ts'
import { editCommand, writeCommand } from './shell-edits.ts'

/**
 * The Copilot CLI's tools. To models of some names it offers none to create and edit files but one that takes patches. It
 * keeps its to-do list in a database of the session.
 */
export const copilotTools: ToolDialect = {
  knownBy: ['bash', 'read_bash', 'view'],
  calls(intent: Intent, offered) {
    switch (intent.do) {
      case 'write':
        if (!offered.includes('create')) return [bash(writeCommand(intent.path, intent.content))]
        return [{ name: 'create', input: { path: intent.path, file_text: intent.content } }]
      case 'edit':
        if (!offered.includes('edit')) return [bash(editCommand(intent.path, intent.from, intent.to))]
        return [{ name: 'edit', input: { path: intent.path, old_str: intent.from, new_str: intent.to } }]
      case 'run':
        return [bash(intent.command)]
      case 'todos': {
        const rows = intent.items.map(({ text, done }, nth) => `('item-${nth}', '${text}', '${done ? 'done' : 'pending'}')`)
        const query = `INSERT OR REPLACE INTO todos (id, title, status) VALUES ${rows.join(', ')}`
        return [{ name: 'sql', input: { description: 'Update the to-dos', query } }]
      }
      case 'report':
        return [bash(reportCommand(intent.report))]
    }
  },
}

function bash(command: string) {
  return { name: 'bash', input: { command, description: 'Run a command' } }
}
