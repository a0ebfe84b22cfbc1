import type { HeadSha } from '../contract/ids.ts'
import { ask } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** Longest summary or text of a check run, in characters. */
export const CHECK_TEXT_MAX = 65_535
/** Annotations in one request; more follow in further ones. */
export const ANNOTATIONS_PER_REQUEST = 50
const CUT_NOTICE = '\n\n… (cut: GitHub shows no more here)'

/** A remark at a place in the code. */
export interface Annotation {
  path: string
  startLine: number
  endLine: number
  level: 'notice' | 'warning' | 'failure'
  message: string
  title?: string
}

export type CheckState =
  | { status: 'queued' | 'in_progress' }
  | {
      status: 'completed'
      conclusion: 'success' | 'failure' | 'neutral' | 'skipped' | 'action_required' | 'cancelled' | 'timed_out'
    }

/** Most buttons of a check run, and the longest texts of one, in characters. */
export const ACTIONS_MAX = 3
export const ACTION_TEXT_MAX = { label: 20, description: 40, identifier: 20 } as const

/** A button of a check run: clicked, its identifier comes back in `check_run.requested_action`. */
export interface CheckAction {
  label: string
  description: string
  identifier: string
}

/** One of the App's own check runs, as it should be. `externalId` and head name it. */
export interface OwnCheck {
  name: string
  head: HeadSha
  externalId: string
  state: CheckState
  title: string
  /** Markdown */
  summary: string
  /** Markdown, below the summary. */
  text?: string
  annotations?: readonly Annotation[]
  /** At most {@link ACTIONS_MAX}. Left out: those that are there stay. */
  actions?: readonly CheckAction[]
  detailsUrl?: string
}

/** A check run as GitHub has it, as far as telling it from what it should be needs. */
export interface CheckRun {
  id: number
  url: string | null
  externalId: string
  state: string
  title: string | null
  summary: string | null
  text: string | null
  annotations: number
}

interface CheckAnswer {
  id: number
  html_url: string | null
  external_id: string | null
  status: string
  conclusion: string | null
  output: { title: string | null; summary: string | null; text: string | null; annotations_count: number }
}

function checkRunOf(data: CheckAnswer): CheckRun {
  return {
    id: data.id,
    url: data.html_url,
    externalId: data.external_id ?? '',
    state: data.conclusion ?? data.status,
    title: data.output.title,
    summary: data.output.summary,
    text: data.output.text,
    annotations: data.output.annotations_count,
  }
}

/** The App's own check run with this name and external id on this head; null where there is none. */
export async function findOwnCheck(
  octokit: Octokit,
  repository: Repository,
  appId: number,
  wanted: Pick<OwnCheck, 'name' | 'head' | 'externalId'>,
): Promise<CheckRun | null> {
  return ask(`look for the check run ${wanted.name} in ${fullNameOf(repository)}`, async () => {
    const runs = await octokit.paginate(octokit.rest.checks.listForRef, {
      ...repository,
      ref: wanted.head,
      check_name: wanted.name,
      app_id: appId,
      filter: 'all',
      per_page: PAGE_SIZE,
    })
    const own = runs.filter((run) => run.app?.id === appId && run.name === wanted.name)
    const found = own.find((run) => run.external_id === wanted.externalId)
    return found === undefined ? null : checkRunOf(found)
  })
}

/**
 * Makes the check run be as wanted: finds it or creates it, and writes only what differs. Text beyond GitHub's limits is
 * cut and says so; annotations beyond the first 50 follow in further requests.
 *
 * @see https://docs.github.com/en/rest/checks/runs
 */
export async function putCheck(octokit: Octokit, repository: Repository, appId: number, wanted: OwnCheck): Promise<CheckRun> {
  const found = await findOwnCheck(octokit, repository, appId, wanted)
  if (found !== null && isAsWanted(found, wanted)) return found
  const what = `report the check run ${wanted.name} in ${fullNameOf(repository)}`
  const annotations = wanted.annotations ?? []
  // GitHub adds annotations to those of before, so only the ones it has not got are sent.
  let sent = found?.annotations ?? 0
  const next = (): readonly Annotation[] => annotations.slice(sent, sent + ANNOTATIONS_PER_REQUEST)
  let run = await ask(what, async () => {
    const body = { ...repository, name: wanted.name, ...bodyOf(wanted, next()) }
    const { data } =
      found === null
        ? await octokit.rest.checks.create({ ...body, head_sha: wanted.head, external_id: wanted.externalId })
        : await octokit.rest.checks.update({ ...body, check_run_id: found.id })
    return checkRunOf(data)
  })
  for (sent += ANNOTATIONS_PER_REQUEST; sent < annotations.length; sent += ANNOTATIONS_PER_REQUEST) {
    run = await ask(what, async () => {
      const body = bodyOf(wanted, next())
      const { data } = await octokit.rest.checks.update({ ...repository, check_run_id: run.id, ...body })
      return checkRunOf(data)
    })
  }
  return run
}

function bodyOf(wanted: OwnCheck, annotations: readonly Annotation[]) {
  return {
    ...wanted.state,
    output: {
      title: wanted.title,
      summary: cut(wanted.summary),
      ...(wanted.text === undefined ? {} : { text: cut(wanted.text) }),
      annotations: annotations.map((each) => ({
        path: each.path,
        start_line: each.startLine,
        end_line: each.endLine,
        annotation_level: each.level,
        message: each.message,
        ...(each.title === undefined ? {} : { title: each.title }),
      })),
    },
    ...(wanted.actions === undefined ? {} : { actions: wanted.actions.map((action) => ({ ...action })) }),
    ...(wanted.detailsUrl === undefined ? {} : { details_url: wanted.detailsUrl }),
  }
}

/** GitHub does not say which buttons a check run has, so where these are named it is written again. */
function isAsWanted(found: CheckRun, wanted: OwnCheck): boolean {
  if (wanted.actions !== undefined) return false
  const state = wanted.state.status === 'completed' ? wanted.state.conclusion : wanted.state.status
  return (
    found.state === state &&
    found.title === wanted.title &&
    found.summary === cut(wanted.summary) &&
    (wanted.text === undefined || found.text === cut(wanted.text)) &&
    found.annotations >= (wanted.annotations?.length ?? 0)
  )
}

function cut(text: string): string {
  return text.length <= CHECK_TEXT_MAX ? text : `${text.slice(0, CHECK_TEXT_MAX - CUT_NOTICE.length)}${CUT_NOTICE}`
}
