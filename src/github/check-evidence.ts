import type { Redactor } from '../contract/redact.ts'
import type { CheckSeen } from '../pipeline/events.ts'
import type { ListedCheckRun } from './check-listing.ts'
import { type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** Lines of a failing job's log that a fixer gets: the last ones. */
export const LOG_LINES = 200
/** Most of a log that is kept, in characters, from its end. */
export const LOG_MAX = 30_000
/** Annotations of a failing check that a fixer gets. */
export const ANNOTATIONS_MAX = 50
/** Check runs of this App are jobs of GitHub Actions: their ids are job ids, and the log can be read. */
const ACTIONS = 'github-actions'

/**
 * What a failing check run says about why: its annotations, and the end of its log where there is one that the App may
 * read, else the end of the text that the check run itself carries. Evidence that cannot be read is missing, no error.
 */
export async function evidenceOf(
  octokit: Octokit,
  repository: Repository,
  run: ListedCheckRun,
  redactor: Redactor,
): Promise<Pick<CheckSeen, 'annotations' | 'log'>> {
  const [annotations, log] = await Promise.all([
    run.annotations === 0 ? [] : annotationsOf(octokit, repository, run.id, redactor),
    run.appSlug === ACTIONS ? jobLog(octokit, repository, run.id) : null,
  ])
  const text = log ?? run.text
  return { annotations, log: text === null ? null : endOf(redactor.redact(text)) }
}

async function annotationsOf(
  octokit: Octokit,
  repository: Repository,
  id: number,
  redactor: Redactor,
): Promise<CheckSeen['annotations']> {
  try {
    const { data } = await octokit.rest.checks.listAnnotations({ ...repository, check_run_id: id, per_page: PAGE_SIZE })
    return data.slice(0, ANNOTATIONS_MAX).map((each) => ({
      path: each.path,
      line: each.start_line,
      message: redactor.redact([each.title, each.message].filter(Boolean).join(': ')).slice(0, 5_000),
    }))
  } catch {
    return []
  }
}

/** @see https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run */
async function jobLog(octokit: Octokit, repository: Repository, job: number): Promise<string | null> {
  try {
    const { data } = await octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...repository, job_id: job })
    return typeof data === 'string' ? data : null
  } catch {
    return null
  }
}

/** The last lines of a text. It is redacted before it is cut: half a token matches no pattern. */
export function endOf(text: string): string {
  return text.trimEnd().split('\n').slice(-LOG_LINES).join('\n').slice(-LOG_MAX)
}
