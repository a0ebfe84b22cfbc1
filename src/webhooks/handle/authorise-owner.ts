/** Whether somebody owns the files that a plan, or held work, touches, by the CODEOWNERS of the base branches (CMD-3). */
import { type Authorisation, ownerWord } from '../../commands/authorise.ts'
import { ownersOf, parseCodeOwners } from '../../commands/code-owners.ts'
import { isTeam } from '../../config/names.ts'
import { inWords, quoted } from '../../config/nearest.ts'
import { publicEmailOf, readCodeOwners } from '../../github/code-owners.ts'
import { type Octokit, repositoryOf } from '../../github/octokit.ts'
import type { Leg, Run } from '../../pipeline/model.ts'
import { activeStep } from '../../pipeline/state.ts'
import type { Person } from '../intents.ts'
import type { Intake } from './intake.ts'
import { orUnknown, teamAnswers } from './permission.ts'

/** Most files that are named in a refusal. */
const FILES_SHOWN = 5

interface OwnedFile {
  file: string
  owners: readonly string[]
}

/** Approves are for those who own every file that has an owner; a run without a plan touches none that is known. */
export async function authoriseOwner(
  log: Intake['log'],
  octokit: Octokit,
  { login }: Person,
  run: Run,
): Promise<Authorisation> {
  const touched = touchedFiles(run)
  if (touched === null) return { allowed: true }
  if (touched.more > 0) {
    return {
      allowed: false,
      why: 'too much was held back for anybody to tell who owns all of it (`approve.codeOwners`)',
      who: 'Ask for a smaller change with `answer`.',
    }
  }
  const legs = run.legs.filter(
    ({ access, planned, dropped, repository }) =>
      access === 'write' && planned && !dropped && (touched.what === 'plan' || touched.in.has(repository)),
  )
  const read = await Promise.all(legs.map((leg) => ownedFiles(log, octokit, leg, touched.files)))
  const unread = read.find((each) => !('owned' in each))
  if (unread !== undefined && !('owned' in unread)) return { allowed: false, ...unread }
  const owned = read.flatMap((each) => ('owned' in each ? each.owned : []))
  const own = await ownNames(log, octokit, login, owned)
  const others = owned.filter(({ owners }) => !owners.some((owner) => own.names.includes(owner.toLowerCase())))
  if (others.length === 0) return { allowed: true }
  if (own.unknown) {
    return {
      allowed: false,
      why: 'GitHub did not say which of the code owners you are',
      who: `Try again in a minute. ${who(others)}`,
    }
  }
  const files = others.slice(0, FILES_SHOWN).map(({ file }) => quoted(file))
  const more = others.length - files.length
  const named = more > 0 ? `${files.join(', ')} and ${more} more` : inWords(files, 'and')
  return {
    allowed: false,
    why: `${touched.what === 'plan' ? 'a plan' : 'what was held back'} is approved by those who own its files here (\`approve.codeOwners\`), and you do not own ${named}`,
    who: who(others),
  }
}

interface Touched {
  what: 'plan' | 'held work'
  files: readonly { repository: string; path: string }[]
  /** The repositories of held work. */
  in: ReadonlySet<string>
  more: number
}

/** What is being approved: the work that was held back where a person is asked about that, else the plan. */
function touchedFiles(run: Run): Touched | null {
  const held = activeStep(run)?.question?.output?.guarded
  if (held !== undefined) {
    const { files, more } = held
    return { what: 'held work', files, in: new Set(files.map(({ repository }) => repository)), more }
  }
  const plan = run.steps.findLast(({ output }) => output?.kind === 'plan')?.output
  return plan?.kind === 'plan' ? { what: 'plan', files: plan.plan.files, in: new Set(), more: 0 } : null
}

type Unread = { why: string; who: string }

async function ownedFiles(
  log: Intake['log'],
  octokit: Octokit,
  { repository, baseBranch }: Leg,
  files: readonly { repository: string; path: string }[],
): Promise<{ owned: OwnedFile[] } | Unread> {
  const read = await orUnknown(log, repository, async () => ({
    source: await readCodeOwners(octokit, repositoryOf(repository), baseBranch),
  }))
  if (read === null) {
    return { why: `GitHub did not say who owns the code of ${repository}`, who: 'A code owner may; try again in a minute.' }
  }
  if (read.source === null) return { owned: [] }
  const rules = parseCodeOwners(read.source)
  const touched = files.filter((file) => file.repository.toLowerCase() === repository.toLowerCase())
  if (touched.length === 0 && rules.length > 0) {
    return {
      why: `the plan names no file of ${repository}, so that nobody can tell who owns what it touches (\`approve.codeOwners\`)`,
      who: 'Ask for it with `changes`; then those who own the files may.',
    }
  }
  return {
    owned: touched.map(({ path }) => ({ file: path, owners: ownersOf(rules, path) })).filter(({ owners }) => owners.length > 0),
  }
}

/** Under which of the owners' names somebody is meant, in lower case: their own, their teams', their public address. */
async function ownNames(
  log: Intake['log'],
  octokit: Octokit,
  login: string,
  owned: readonly OwnedFile[],
): Promise<{ names: string[]; unknown: boolean }> {
  const own = `@${login.toLowerCase()}`
  const left = owned
    .filter(({ owners }) => !owners.some((owner) => owner.toLowerCase() === own))
    .flatMap(({ owners }) => owners)
  const owners = [...new Set(left.map((owner) => owner.toLowerCase()))]
  const teams = owners.filter((owner) => isTeam(owner) && owner.includes('/'))
  const byMail = owners.some((owner) => !owner.startsWith('@'))
  const [answers, email] = await Promise.all([
    teamAnswers(log, octokit, teams, login),
    byMail ? orUnknown(log, login, async () => ({ address: await publicEmailOf(octokit, login) })) : { address: null },
  ])
  const address = email?.address?.toLowerCase()
  return {
    names: [own, ...answers.in, ...(address === undefined ? [] : [address])],
    unknown: answers.unknown.length > 0 || email === null,
  }
}

/** Who may: for each different set of owners one of them. */
function who(files: readonly OwnedFile[]): string {
  const sets = [...new Map(files.map(({ owners }) => [owners.join(' '), owners])).values()]
  const words = sets.slice(0, FILES_SHOWN).map((owners) => inWords(owners.map(ownerWord), 'or'))
  const [only] = words
  if (sets.length === 1 && only !== undefined) return `${only.charAt(0).toUpperCase()}${only.slice(1)} may.`
  return `Who owns all of them may: ${words.join('; and ')}. Where that is nobody, ask for a smaller plan with \`changes\`.`
}
