import { z } from 'zod'
import { CONFIGURATION_PATH, ROLES_FOLDER, WORKFLOWS_FOLDER } from '../../config/defaults.ts'
import { HeadSha } from '../../contract/ids.ts'
import type { Intent } from '../intents.ts'
import { common, type Interpreter } from './payload.ts'

const BRANCH_REF = 'refs/heads/'

const paths = z.array(z.string()).default([])
const Push = z.object({
  ref: z.string(),
  after: HeadSha,
  deleted: z.boolean().default(false),
  forced: z.boolean().default(false),
  commits: z.array(z.object({ added: paths, modified: paths, removed: paths })).default([]),
  ...common,
})

/** `push`: a branch moved; on the default branch, perhaps with our configuration in it. Tags are nothing to us. */
export const interpretPush: Interpreter = (payload) => {
  const parsed = Push.safeParse(payload)
  if (!parsed.success || !parsed.data.ref.startsWith(BRANCH_REF)) return []
  const { installation, repository, sender, ref, after, deleted, forced, commits } = parsed.data
  const branch = ref.slice(BRANCH_REF.length)
  const pushed: Intent = {
    type: 'branch-pushed',
    installationId: installation.id,
    repositoryId: repository.id,
    branch,
    head: deleted ? null : after,
    forced,
    by: sender,
  }
  const touched = commits.some((commit) =>
    [commit.added, commit.modified, commit.removed].some((list) => list.some(isConfiguration)),
  )
  if (deleted || branch !== repository.defaultBranch || !touched) return [pushed]
  return [pushed, { type: 'configuration-pushed', installationId: installation.id, repository, head: after, by: sender }]
}

function isConfiguration(path: string): boolean {
  return path === CONFIGURATION_PATH || [ROLES_FOLDER, WORKFLOWS_FOLDER].some((folder) => path.startsWith(`${folder}/`))
}
