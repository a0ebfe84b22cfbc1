import { inWords, quoted } from '../../config/nearest.ts'
import type { RunPlan } from '../../config/settings.ts'
import type { Refusal } from './plan-start.ts'

/** A command for a repository that the run does not touch would never be run, and nobody would see that it was not. */
export function validationElsewhere(
  { steps, settings, peers }: Pick<RunPlan, 'steps' | 'settings' | 'peers'>,
  repository: string,
): Refusal | null {
  if (!steps.some(({ kind, enabled }) => kind === 'validate' && enabled)) return null
  const known = [repository, ...peers.map((peer) => peer.repository)]
  const folded = new Set(known.map((name) => name.toLowerCase()))
  const found = settings.validation.find(
    (command) => command.repository !== undefined && !folded.has(command.repository.toLowerCase()),
  )
  if (found?.repository === undefined) return null
  return {
    why: `the validation ${quoted(found.name)} is for ${found.repository}, which is no repository of this run`,
    remedy: `Correct \`validation\` in \`.github/switchyard.yml\`, or add ${found.repository} to \`peers\`: this run has ${inWords(known, 'and')}.`,
  }
}
