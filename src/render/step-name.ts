import type { Step } from '../pipeline/model.ts'

/** What a step is called that goes by its kind's name. */
const NAMES: Readonly<Record<string, string>> = {
  agent: 'Code',
  ci: 'Checks',
  companion: 'Review',
  deploy: 'Deployment',
  investigate: 'Diagnosis',
  parallel: 'Exploration',
  release: 'Release health',
  review: 'Human review',
  test: 'Tests',
  validate: 'Validation',
}

/** A step's name for people: the kind's where the step is called after it, else its id as words. */
export function stepName({ id, kind }: Pick<Step, 'id' | 'kind'>): string {
  const own = id === kind ? NAMES[kind] : undefined
  if (own !== undefined) return own
  const words = id.replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
