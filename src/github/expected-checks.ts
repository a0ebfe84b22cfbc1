import { parse } from 'yaml'
import { z } from 'zod'
import { SwitchyardError } from '../contract/failure.ts'
import type { HeadSha } from '../contract/ids.ts'
import { matchesFilter } from './branch-filter.ts'
import { listFolder, readFile } from './contents.ts'
import type { Octokit, Repository } from './octokit.ts'

const WORKFLOWS = '.github/workflows'
/** What happens to a pull request of ours, as workflows name it. */
const OUR_TYPES = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review'])

/** Whether a workflow would run; files that could not be read or understood are named. */
export interface ExpectedChecks {
  expected: boolean
  unknown: string[]
}

/**
 * Whether the repository has, at this head, a workflow file that runs when the work branch is pushed or its pull
 * request changes. A workflow that only runs for certain paths is not expected: it may rightly never run, and to wait
 * for it would be to wait forever.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on
 */
export async function expectsChecks(
  octokit: Octokit,
  repository: Repository,
  at: { head: HeadSha; workBranch: string; baseBranch: string },
): Promise<ExpectedChecks> {
  const paths = (await listFolder(octokit, repository, WORKFLOWS, at.head)).filter((path) => /\.ya?ml$/.test(path))
  const unknown: string[] = []
  for (const path of paths) {
    try {
      const file = await readFile(octokit, repository, path, at.head)
      if (file !== null && wouldRun(file.source, at)) return { expected: true, unknown }
    } catch (error) {
      if (error instanceof SwitchyardError && error.failure.cause === 'rate-limit') throw error
      unknown.push(path)
    }
  }
  return { expected: false, unknown }
}

const Names = z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional()
const Filter = z
  .object({
    branches: Names,
    'branches-ignore': Names,
    tags: Names,
    'tags-ignore': Names,
    paths: Names,
    'paths-ignore': Names,
    types: Names,
  })
  .nullable()
type Filter = z.infer<typeof Filter>

const Workflow = z.object({
  on: z.union([
    z.string().transform((name): Record<string, unknown> => ({ [name]: null })),
    z.array(z.string()).transform((names): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, null]))),
    z.record(z.string(), z.unknown()),
  ]),
})

/** Whether this workflow file runs for a push to the work branch or for its pull request. @throws on unreadable YAML */
export function wouldRun(source: string, at: { workBranch: string; baseBranch: string }): boolean {
  const workflow = Workflow.safeParse(parse(source))
  if (!workflow.success) return false
  const { on } = workflow.data
  return (
    runsOnPush(on.push, at.workBranch) ||
    runsOnPull(on.pull_request, at.baseBranch) ||
    runsOnPull(on.pull_request_target, at.baseBranch)
  )
}

function runsOnPush(trigger: unknown, branch: string): boolean {
  const filter = filterOf(trigger)
  if (filter === undefined || hasPaths(filter)) return false
  const namesBranches = filter?.branches !== undefined || filter?.['branches-ignore'] !== undefined
  const namesTags = filter?.tags !== undefined || filter?.['tags-ignore'] !== undefined
  return (!namesTags || namesBranches) && matchesBranch(filter, branch)
}

function runsOnPull(trigger: unknown, base: string): boolean {
  const filter = filterOf(trigger)
  if (filter === undefined || hasPaths(filter)) return false
  return (filter?.types?.some((type) => OUR_TYPES.has(type)) ?? true) && matchesBranch(filter, base)
}

/** Undefined where the workflow has no such trigger, null where it has it without a filter. */
function filterOf(trigger: unknown): Filter | undefined {
  if (trigger === undefined) return undefined
  const filter = Filter.safeParse(trigger)
  return filter.success ? filter.data : undefined
}

function hasPaths(filter: Filter): boolean {
  return filter?.paths !== undefined || filter?.['paths-ignore'] !== undefined
}

function matchesBranch(filter: Filter, branch: string): boolean {
  if (filter?.branches !== undefined) return matchesFilter(filter.branches, branch)
  const ignored = filter?.['branches-ignore']
  return ignored === undefined || !matchesFilter(ignored, branch)
}
