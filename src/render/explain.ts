/** What a start would do, and what would refuse it now (CMD-11). Pure: facts in, Markdown out. */
import { inWords } from '../config/nearest.ts'
import type { RunPlan } from '../config/settings.ts'
import type { BudgetStand } from '../contract/budget.ts'
import { ALWAYS_PROTECTED, INSTALL_HOOKS } from '../contract/protection.ts'
import { budgetName } from '../pipeline/budget.ts'
import type { Leg } from '../pipeline/model.ts'
import { inlineCode } from './code-text.ts'
import { formatDuration } from './duration.ts'
import { formatUsd } from './money.ts'
import { safeLine } from './safe-text.ts'
import { stepName } from './step-name.ts'

/** A repository that the run would touch; `found` is false where the App has no way to it. */
export type ExplainedLeg = Pick<Leg, 'repository' | 'role' | 'access' | 'directory'> & { baseBranch: string | null }

/** Who may, by role, and by name where the configuration lists people. */
export interface ExplainedPeople {
  start: readonly string[]
  starters: readonly string[]
  approve: readonly string[]
  approvers: readonly string[]
  codeOwners: boolean
  notRequester: boolean
  merge: readonly string[]
}

export interface Explanation {
  login: string
  pipeline: string
  /** Null where the pipeline itself is not good. */
  plan: RunPlan | null
  /** The roles that work in the plan's steps. */
  roles: readonly string[]
  legs: readonly ExplainedLeg[]
  people: ExplainedPeople
  /** Live runs at the same time, of the repository and of one person. */
  limits: { repository: number; person: number }
  /** The budgets of this month that it would count against. */
  months: readonly BudgetStand[]
  /** What would refuse a start now. */
  refusals: readonly { why: string; remedy: string }[]
  prefix: string
}

const MERGES = {
  person: 'A person merges',
  auto: 'Switchyard merges when every condition holds',
  policy: 'Switchyard merges where the merge policy allows it, else a person does',
} as const

/** The answer to `/yard explain`. */
export function renderExplanation(explanation: Explanation): string {
  const { login, pipeline, plan, refusals } = explanation
  const parts = [
    `@${login} This is what a start in the pipeline ${inlineCode(pipeline, 60)} would do. Nothing was started.`,
    refusalLines(refusals),
    ...(plan === null
      ? []
      : [stepTable(plan), legTable(explanation), roleTable(explanation, plan), mergeLine(plan), moneyLine(explanation, plan)]),
    peopleLines(explanation),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function refusalLines(refusals: Explanation['refusals']): string {
  if (refusals.length === 0) return 'It would start now: nothing stands in its way.'
  const lines = refusals.map(({ why, remedy }) => `- ${why}. ${remedy.replaceAll(/\n+/g, '\n  ')}`)
  return ['**It would be refused now:**', lines.join('\n')].join('\n\n')
}

function stepTable({ steps }: RunPlan): string {
  const rows = steps.map((step, index) => {
    const notes = [
      step.enabled ? null : 'switched off',
      step.required ? 'cannot be skipped' : null,
      step.when === undefined ? null : `only from ${thresholds(step.when)} on`,
    ].filter((note) => note !== null)
    return `| ${index + 1} | ${safeLine(stepName(step), 80)} | \`${step.kind}\` | ${notes.join(', ')} |`
  })
  return ['| No. | Step | Kind | Notes |', '|---:|---|---|---|', ...rows].join('\n')
}

function thresholds(when: Readonly<Record<string, number | undefined>>): string {
  const named = Object.entries(when).flatMap(([axis, from]) => (from === undefined ? [] : [`${axis} ${from}`]))
  return named.length === 0 ? 'nothing' : inWords(named, 'or')
}

function legTable({ legs }: Explanation): string {
  const rows = legs.map(({ repository, role, access, baseBranch, directory }) => {
    const where = [repository, ...(directory === undefined ? [] : [directory])].map((part) => inlineCode(part, 200)).join(', ')
    return `| ${where} | ${role} | ${access} | ${baseBranch === null ? 'not looked up' : inlineCode(baseBranch, 200)} |`
  })
  return ['| Repository | Role | Access | Base branch |', '|---|---|---|---|', ...rows].join('\n')
}

function roleTable({ roles }: Explanation, { settings }: RunPlan): string {
  const rows = roles.flatMap((role) => {
    const played = settings.roles[role]
    if (played === undefined) return []
    const { runtime, limits, prompt, instructions } = played
    const model = runtime.model === undefined ? 'its default' : inlineCode(runtime.model)
    const told = [prompt === undefined ? null : 'a prompt of the repository', instructions === '' ? null : 'more instructions']
    const notes = [runtime.effort === undefined ? null : `effort ${runtime.effort}`, ...told].filter((note) => note !== null)
    return [`| ${role} | ${inlineCode(runtime.name)} | ${model} | ${formatDuration(limits.durationMs)} | ${notes.join(', ')} |`]
  })
  const { contextFiles = [], validation } = settings
  const more = [
    contextFiles.length === 0
      ? null
      : `Every agent is given ${inWords(
          contextFiles.map(({ path }) => inlineCode(path, 200)),
          'and',
        )}.`,
    validation.length === 0
      ? null
      : `Commands that must succeed: ${inWords(
          validation.map(({ name }) => inlineCode(name, 200)),
          'and',
        )}.`,
    protectedWords(settings),
  ]
  return [
    ['| Role | Agent | Model | A job takes at most | Notes |', '|---|---|---|---|---|', ...rows].join('\n'),
    more.filter((line) => line !== null).join('\n'),
  ].join('\n\n')
}

function mergeLine({ steps, settings }: RunPlan): string {
  const step = steps.find(({ kind, enabled }) => kind === 'merge' && enabled)
  if (step === undefined) return 'Merging is left to people.'
  const by = Object.entries(MERGES).find(([who]) => who === (step.by ?? settings.merge.by))?.[1] ?? MERGES.person
  return `${by} (method: ${settings.merge.method}).`
}

/** What its jobs may spend on models, and what is left of the months; empty where none of its steps has an agent. */
function moneyLine({ roles, months }: Explanation, { settings: { budgets } }: RunPlan): string {
  if (roles.length === 0) return ''
  const own = [
    ...(budgets.run === undefined ? [] : [`${formatUsd(budgets.run)} in all`]),
    ...(budgets.job === undefined ? [] : [`${formatUsd(budgets.job)} a job`]),
  ]
  const left = months.map((stand) => {
    const { usedUsd, limitUsd } = stand
    return `Of ${budgetName(stand)} ${formatUsd(Math.max(limitUsd - usedUsd, 0))} is left: ${formatUsd(usedUsd)} of ${formatUsd(limitUsd)} is spent.`
  })
  const most = own.length === 0 ? [] : [`May spend on metered calls of models: ${inWords(own, 'and')}.`]
  return [...most, ...left].join(' ')
}

function peopleLines({ people, limits, prefix, plan, refusals }: Explanation): string {
  const roles = (names: readonly string[]) => (names.length === 0 ? 'nobody' : inWords(names, 'or'))
  const named = (list: readonly string[]) =>
    list.length === 0
      ? ''
      : `, and only ${inWords(
          list.map((entry) => `\`${entry}\``),
          'or',
        )}`
  const owners = people.codeOwners ? '; of a plan, who owns its files' : ''
  const other = people.notRequester ? '; not who started the run' : ''
  return [
    `- May start and steer it: ${roles(people.start.map((role) => (role === 'triage' ? 'triage (start by label only)' : role)))}${named(people.starters)}.`,
    `- May approve: ${roles(people.approve)}${named(people.approvers)}${owners}${other}.`,
    `- May merge: ${roles(people.merge)}.`,
    `- Live at the same time: ${limits.repository} of this repository, ${limits.person} of one person; more wait in the queue.`,
    ...(plan === null || refusals.length > 0 ? [] : [`- \`${prefix} run ${plan.pipeline}\` starts it.`]),
  ].join('\n')
}

const BUILT_IN_PROTECTED = new Set([...ALWAYS_PROTECTED, ...INSTALL_HOOKS])

/** The repository's own by name; what is always protected would fill the page. */
function protectedWords({ protectedPaths, protectedManifests }: RunPlan['settings']): string {
  const own = protectedPaths.filter((path) => !BUILT_IN_PROTECTED.has(path)).map((path) => inlineCode(path, 200))
  const always = [
    '`.github/**`',
    'CODEOWNERS',
    "other services' pipelines",
    "coding agents' instructions and settings",
    ...(protectedManifests ? ['what runs where packages are installed'] : []),
  ]
  return `Protected: ${inWords([...own, ...always], 'and')}.`
}
