import type { RunEvent } from '../pipeline/events.ts'
import type { Actor, Trigger } from '../pipeline/task.ts'
import type { Command } from './command.ts'

/** What a command means to the live run; null for those that do not address one (run, status, cost, help and the like). */
export function toEvent(command: Command, actor: Actor, trigger: Trigger): RunEvent | null {
  const person = { actor, trigger }
  switch (command.verb) {
    case 'approve':
      return { type: 'command.approve', ...person, hash: command.hash, text: command.text }
    case 'changes':
      return { type: 'command.changes', ...person, text: command.text }
    case 'tell':
      return { type: 'command.tell', ...person, text: command.text }
    case 'reject':
      return { type: 'command.reject', ...person, why: command.why }
    case 'retry':
      return { type: 'command.retry', ...person }
    case 'restart':
      return { type: 'command.restart', ...person, step: command.step }
    case 'stop':
      return { type: 'command.stop', ...person, why: command.why, ...(command.clean ? { clean: command.clean } : {}) }
    case 'merge':
      return { type: 'command.merge', ...person }
    case 'extra-round':
      return { type: 'command.extra-round', ...person }
    case 'proceed':
      return { type: 'command.proceed', ...person }
    case 'pause':
      return { type: 'command.pause', ...person, why: command.why, cause: 'person' }
    case 'resume':
      return { type: 'command.resume', ...person }
    case 'skip':
      return { type: 'command.skip', ...person, step: command.step, why: command.why }
    case 'answer':
      return { type: 'command.answer', ...person, id: command.id, text: command.text, dismiss: false }
    case 'dismiss':
      return { type: 'command.answer', ...person, id: command.id, text: '', dismiss: true }
    case 'file':
      return { type: 'command.file', ...person, followUp: command.id }
    case 'model':
      return { type: 'command.model', ...person, role: command.role, model: command.model }
    case 'budget':
      return { type: 'command.budget', ...person, addUsd: command.addUsd }
    case 'revert':
      return { type: 'command.revert', ...person }
    case 'run':
    case 'explain':
    case 'review':
    case 'fix':
    case 'status':
    case 'cost':
    case 'repos':
    case 'help':
      return null
  }
}
