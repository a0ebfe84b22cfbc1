/** The scripts of dynamic workflows: of the default branch, or of the commit that is to be judged (WF-1). */
import { WORKFLOWS_FOLDER } from '../../config/defaults.ts'
import type { BrokenSource } from '../../config/load.ts'
import { listFolder, readFile } from '../../github/contents.ts'
import { fullNameOf, type Octokit, type Repository } from '../../github/octokit.ts'
import { type ParsedWorkflow, parseWorkflow } from '../../workflow/parse.ts'
import { ScriptError } from '../../workflow/script-error.ts'

const EXTENSION = '.js'

/** The scripts that can be run, and those that cannot, with line and column. */
export interface WorkflowFiles {
  good: ParsedWorkflow[]
  broken: BrokenSource[]
}

/** Whether a path is one of a workflow's script. */
export function isWorkflowFile(path: string): boolean {
  return path.startsWith(`${WORKFLOWS_FOLDER}/`) && path.endsWith(EXTENSION)
}

/** Reads and checks every script; none of it is run. @throws GitHubError */
export async function readWorkflows(octokit: Octokit, repository: Repository, ref?: string): Promise<WorkflowFiles> {
  const paths = (await listFolder(octokit, repository, WORKFLOWS_FOLDER, ref)).filter(isWorkflowFile).sort()
  const files: WorkflowFiles = { good: [], broken: [] }
  for (const path of paths) {
    const file = await readFile(octokit, repository, path, ref)
    if (file === null) continue
    try {
      files.good.push(parseWorkflow(file.source, path.slice(WORKFLOWS_FOLDER.length + 1, -EXTENSION.length)))
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      const message = error.message.replace(/^[^:]*:\d+:\d+: /, '')
      files.broken.push({
        repository: fullNameOf(repository),
        path,
        sha: file.sha,
        errors: [{ ...error.place, path: '', message }],
      })
    }
  }
  return files
}
