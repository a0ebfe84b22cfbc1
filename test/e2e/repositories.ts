/** Repositories small enough that nothing about them takes time. */
import { stringify } from 'yaml'
import type { NewRepository } from '../github/state/repositories.ts'

const collaborators = { mona: 'admin', hubot: 'write', rita: 'read' } as const

/** A CI job that is red while a file `red` is in the repository. */
const CI = [{ name: 'test', command: ['sh', '-c', 'if test -e red; then cat red; exit 1; fi; echo fine'] }]

const STEPS = {
  plan: { kind: 'plan' },
  approval: { kind: 'approval' },
  code: { id: 'code', kind: 'agent' },
  second: { id: 'second', kind: 'agent', role: 'fixer' },
  review: { id: 'review', kind: 'companion' },
  ci: { kind: 'ci' },
  merge: { kind: 'merge' },
} as const

/** A pipeline of these steps, as the configuration writes it. */
export function pipeline(...steps: (keyof typeof STEPS)[]) {
  return steps.map((step) => STEPS[step])
}

/** A repository with one file, and its configuration; `null` has none. */
export function repository(
  name: string,
  configuration: Record<string, unknown> | string | null,
  more: Partial<NewRepository> = {},
): NewRepository {
  const text =
    typeof configuration === 'string' || configuration === null ? configuration : stringify({ version: 1, ...configuration })
  const files = { 'README.md': `# ${name}\n`, ...(text === null ? {} : { '.github/switchyard.yml': text }) }
  return { owner: 'acme', name, collaborators, ci: CI, ...more, files: { ...files, ...more.files } }
}
