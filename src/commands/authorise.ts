/**
 * Who may do what, decided from the collaborator permission that GitHub gave at that moment. Pure, and closed: what is
 * not allowed by name is refused, and an error in asking is a refusal.
 */
import type { Configuration } from '../config/configuration.ts'
import { isTeam } from '../config/names.ts'
import { inWords } from '../config/nearest.ts'
import type { CommandDefinition } from './command.ts'

/** GitHub's role of a collaborator; `error` where GitHub could not be asked or answered something else. */
export type Permission = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none' | 'error'

/** Who asks. */
export interface Asker {
  permission: Permission
  login: string
  /** The account's type is `Bot`. A login that looks like one does not make it one. */
  isBot: boolean
  /** Whether the run was started by them; null where there is no run. */
  isRequester: boolean | null
  /** Of the teams that the configuration lists, by whether they are in it at this moment; absent where none was asked about. */
  teams?: TeamAnswers
}

/** Teams as the configuration writes them. `unknown`: GitHub did not say, which is a no. */
export interface TeamAnswers {
  in: readonly string[]
  unknown: readonly string[]
}

/** What is asked for: a command, or a start by label. */
export type Asked = Pick<CommandDefinition, 'verb' | 'who' | 'bots'> | 'label'

/** `why` goes on from "was not done: ". `who` is a sentence that says who may. */
export type Authorisation = { allowed: true } | { allowed: false; why: string; who: string }

type Rules = Pick<Configuration, 'start' | 'approve' | 'merge' | 'bots'>

/** Decides. */
export function authorise(asked: Asked, asker: Asker, rules: Rules): Authorisation {
  const need = needed(asked, rules)
  const who = `${capital(roles(need.permissions))} may.`
  if (asker.isBot) return authoriseBot(asked, asker.login, rules, who)
  if (asker.permission === 'error') {
    return refused('GitHub did not say which role you have here', `Try again in a minute. ${who}`)
  }
  if (asked !== 'label' && asked.who === 'everyone') {
    return asker.permission === 'none'
      ? refused('it needs at least the *read* role here, and you have none', who)
      : { allowed: true }
  }
  if (!need.permissions.includes(asker.permission)) {
    return refused(`${need.doing} needs ${roles(need.permissions)} here, and ${yours(asker.permission)}`, who)
  }
  const listed = listOf(asked, rules)
  if (listed !== null && !isListed(listed.people, asker)) {
    const named = `${oneOf(listed.people)} may, with ${roles(need.permissions)}.`
    const unknown = asker.teams?.unknown ?? []
    return unknown.length > 0
      ? refused(`GitHub did not say whether you are in ${teamWords(unknown)}`, `Try again in a minute. ${named}`)
      : refused(`${listed.doing} is for those whom \`${listed.key}\` lists here, and you are not among them`, named)
  }
  if (asked !== 'label' && asked.verb === 'approve' && rules.approve.notRequester && asker.isRequester === true) {
    return refused(
      'who started a run cannot approve it here (`approve.notRequester`)',
      `Somebody else with ${roles(need.permissions)} may.`,
    )
  }
  return { allowed: true }
}

/** The teams to ask GitHub about before deciding: those that are listed, where the person is not listed by login. */
export function teamsToAsk(asked: Asked, login: string, rules: Rules): string[] {
  const people = listOf(asked, rules)?.people ?? []
  return people.some((entry) => same(entry, login)) ? [] : people.filter(isTeam)
}

interface List {
  people: readonly string[]
  key: string
  doing: string
}

/** The list of people that bears on what is asked; null where everybody with the role may. */
function listOf(asked: Asked, { start, approve }: Rules): List | null {
  const who = asked === 'label' ? 'start' : asked.who
  const list: List | null =
    who === 'start'
      ? { people: start.people, key: 'start.people', doing: 'starting and steering runs' }
      : who === 'approve'
        ? { people: approve.people, key: 'approve.people', doing: 'approving' }
        : null
  return list === null || list.people.length === 0 ? null : list
}

function isListed(people: readonly string[], { login, teams }: Asker): boolean {
  return people.some((entry) => (isTeam(entry) ? (teams?.in ?? []).includes(entry) : same(entry, login)))
}

/** A sentence's beginning. Without an @: nobody is called by a refusal. */
function oneOf(people: readonly string[]): string {
  const words = inWords(people.map(ownerWord), 'or')
  return people.length === 1 && !people.some(isTeam) ? words : `One of ${words}`
}

function teamWords(teams: readonly string[]): string {
  return inWords(
    teams.map((team) => `the team *${team.slice(1)}*`),
    'or',
  )
}

/** A person or a team, named without calling anybody. */
export function ownerWord(owner: string): string {
  if (isTeam(owner) && owner.includes('/')) return `the team *${owner.slice(1)}*`
  return `*${owner.replace(/^@/, '')}*`
}

/** A bot has no role to go by: the list in the configuration is its permission, for what is not a person's to decide. */
function authoriseBot(asked: Asked, login: string, { bots }: Rules, who: string): Authorisation {
  if (!bots.some((bot) => bot.toLowerCase() === login.toLowerCase())) {
    return refused('this App is not listed under `bots` in `.github/switchyard.yml`', who)
  }
  if (asked !== 'label' && !asked.bots) return refused('it is for people to decide, not for an App', who)
  return { allowed: true }
}

/** Verbs that begin a run. */
const STARTING: readonly string[] = ['run', 'review', 'fix']

function needed(asked: Asked, rules: Rules): { doing: string; permissions: readonly Permission[] } {
  if (asked === 'label') return { doing: 'starting a run', permissions: rules.start.permissions }
  switch (asked.who) {
    case 'everyone':
      return { doing: 'it', permissions: ['read', 'triage', 'write', 'maintain', 'admin'] }
    case 'start': {
      // A label is all that GitHub lets a triager set; a command would give them more than that.
      const permissions = rules.start.permissions.filter((permission) => permission !== 'triage')
      return { doing: STARTING.includes(asked.verb) ? 'starting a run' : 'steering a run', permissions }
    }
    case 'approve':
      return { doing: asked.verb === 'approve' ? 'approving' : 'deciding this', permissions: rules.approve.permissions }
    case 'merge':
      return { doing: 'merging', permissions: rules.merge.permissions }
  }
}

function same(login: string, other: string): boolean {
  return login.toLowerCase() === other.toLowerCase()
}

function refused(why: string, who: string): Authorisation {
  return { allowed: false, why, who }
}

/** "the *write*, *maintain* or *admin* role". */
function roles(permissions: readonly Permission[]): string {
  return permissions.length === 0
    ? 'a role that nobody has'
    : `the ${inWords(
        permissions.map((permission) => `*${permission}*`),
        'or',
      )} role`
}

function yours(permission: Permission): string {
  return permission === 'none' ? 'you have none' : `yours is *${permission}*`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
