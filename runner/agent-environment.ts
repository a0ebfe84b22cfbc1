import { JOB_MARKER, jobMark, RUNNER_MARKER, runnerMark } from './watch/process-tree.ts'
import type { JobPaths } from './workspace/paths.ts'

/** What of the runner's environment an agent may see. */
const SHARED_ENV = ['PATH', 'LANG', 'LC_ALL', 'TERM', 'TZ'] as const

/** The environment that an agent, and a command of the configuration, is started in: an allow-list, and no token. */
export function agentEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  paths: Pick<JobPaths, 'home' | 'root'>,
): Record<string, string> {
  const shared = SHARED_ENV.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]] as const]))
  // Git must not find a repository that the data folder happens to lie in, nor wait for a password.
  return { ...Object.fromEntries(shared), HOME: paths.home, GIT_CEILING_DIRECTORIES: paths.root, GIT_TERMINAL_PROMPT: '0' }
}

/** The variables by which a job's processes are found, whatever session or group they moved to. */
export function jobMarks(dataDir: string, job: string): Record<string, string> {
  return { [JOB_MARKER]: jobMark(dataDir, job), [RUNNER_MARKER]: runnerMark(dataDir) }
}
