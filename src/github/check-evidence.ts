import type { Redactor } from '../contract/redact.ts'
import type { CheckSeen } from '../pipeline/events.ts'
import type { ListedCheckRun } from './check-listing.ts'
import { ask, GitHubError } from './errors.ts'
import { type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** Lines of a failing job's log that a fixer gets: the last ones. */
export const LOG_LINES = 200
/** Most of a log that is kept, in characters, from its end. */
export const LOG_MAX = 30_000
/** Annotations of a failing check that a fixer gets. */
export const ANNOTATIONS_MAX = 50
/** Check runs of this App are jobs of GitHub Actions: their ids are job ids. */
const ACTIONS = 'github-actions'
/** Colours and the like, as terminals take them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const TERMINAL_CODES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g

/** Whether a check run is a job of GitHub Actions, whose log can be read and that can be run again. */
export function isActions(run: Pick<ListedCheckRun, 'appSlug'>): boolean {
  return run.appSlug === ACTIONS
}

/**
 * What a failing check run says about why: its annotations, and the end of its log where there is one that the App may
 * read, else the end of the text that the check run itself carries. Evidence that cannot be read is missing, no error;
 * but where GitHub only wants us to come back later, we do: a fixer without the log would be sent for nothing.
 *
 * @throws GitHubError for a rate limit
 */
export async function evidenceOf(
  octokit: Octokit,
  repository: Repository,
  run: ListedCheckRun,
  redactor: Redactor,
): Promise<Pick<CheckSeen, 'annotations' | 'log'>> {
  const [annotations, log] = await Promise.all([
    run.annotations === 0 ? [] : annotationsOf(octokit, repository, run.id, redactor),
    isActions(run) ? jobLog(octokit, repository, run.id) : null,
  ])
  const text = log ?? run.text
  return { annotations, log: text === null ? null : endOf(redactor.redact(text.replaceAll(TERMINAL_CODES, ''))) }
}

async function annotationsOf(
  octokit: Octokit,
  repository: Repository,
  id: number,
  redactor: Redactor,
): Promise<CheckSeen['annotations']> {
  const annotations = await orMissing(`read the annotations of check run ${id}`, async () => {
    const { data } = await octokit.rest.checks.listAnnotations({ ...repository, check_run_id: id, per_page: PAGE_SIZE })
    return data.slice(0, ANNOTATIONS_MAX).map((each) => ({
      path: each.path,
      line: each.start_line,
      message: redactor.redact([each.title, each.message].filter(Boolean).join(': ')).slice(0, 5_000),
    }))
  })
  return annotations ?? []
}

/** @see https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run */
async function jobLog(octokit: Octokit, repository: Repository, job: number): Promise<string | null> {
  return orMissing(`read the log of job ${job}`, async () => {
    const { data } = await octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...repository, job_id: job })
    return typeof data === 'string' ? data : null
  })
}

async function orMissing<T>(what: string, read: () => Promise<T>): Promise<T | null> {
  try {
    return await ask(what, read)
  } catch (error) {
    if (error instanceof GitHubError && error.failure.cause === 'rate-limit') throw error
    return null
  }
}

/** The last lines of a text. It is redacted before it is cut: half a token matches no pattern. */
export function endOf(text: string): string {
  return text.trimEnd().split('\n').slice(-LOG_LINES).join('\n').slice(-LOG_MAX)
}
