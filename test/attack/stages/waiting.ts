/** A plan that waits for a person's approval, and what may have become of it. */
import type { Yard } from '../../e2e/harness.ts'
import type { Task } from '../../e2e/task.ts'
import type { Seen } from '../attack.ts'
import { settled } from './settled.ts'

export async function waiting(yard: Yard, name: string, repository = 'acme/solo'): Promise<Task> {
  const task = yard.task({ title: `Person: ${name}`, repository, label: 'switchyard:ask' })
  await task.until('needs you')
  return task
}

/** Whether the plan waits as before; `told` is what was said to who tried. */
export function stillWaits(task: Task, told: string | null): Seen {
  const heading = /^### Switchyard · (.*)$/m.exec(task.statusComment()?.body ?? '')?.[1] ?? ''
  return { got: heading === 'needs you' ? [] : [`the run is "${heading}"`], stopped: 'the plan still waits', told }
}

/** The plan waits, and nothing was said to what was tried. */
export async function heardNothing(yard: Yard, task: Task): Promise<Seen> {
  await settled(yard)
  const answers = task.replies().length > 0 ? ['an answer of ours'] : []
  const seen = stillWaits(task, null)
  return { ...seen, got: [...seen.got, ...answers] }
}
