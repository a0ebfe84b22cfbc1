/** Runs one CI job for real: a checkout of the commit, its neighbours beside it, the repository's own command. */
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SERVER_GIT_ENV } from '../git-http.ts'
import { resolveCommit } from '../state/git.ts'
import { type CiJob, fullName, type Repository } from '../state/model.ts'
import { findRepository, type World } from '../state/world.ts'

const DEFAULT_TIMEOUT_SECONDS = 120
const MOST_LOG_BYTES = 1_000_000

export interface JobOutcome {
  conclusion: 'success' | 'failure' | 'timed_out' | 'cancelled'
  log: string
  seconds: number
}

export async function runJob(
  world: World,
  repository: Repository,
  job: CiJob,
  commit: { branch: string; sha: string },
  signal: AbortSignal,
): Promise<JobOutcome> {
  const started = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'local-github-ci-'))
  const log: string[] = []
  const at = () => new Date().toISOString()
  const say = (text: string) =>
    log.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => `${at()} ${line}`),
    )
  const seconds = () => Math.round((performance.now() - started) / 100) / 10
  try {
    const work = join(folder, repository.name)
    await checkout(repository, commit.sha, work)
    say(`Checked out ${fullName(repository)} at ${commit.sha}`)
    for (const name of job.needs ?? []) {
      const needed = findRepository(world, name)
      if (!needed) throw new Error(`CI needs ${name}, which does not exist`)
      const own = await resolveCommit(needed.dir, `refs/heads/${commit.branch}`)
      const sha = own ?? (await resolveCommit(needed.dir, `refs/heads/${needed.defaultBranch}`)) ?? ''
      await checkout(needed, sha, join(folder, needed.name))
      say(`Checked out ${name} (${own === null ? needed.defaultBranch : commit.branch}) at ${sha}`)
    }
    say(`Run ${job.command.join(' ')}`)
    const { conclusion, output } = await execute(job, work, { repository, ...commit, folder }, signal)
    say(output)
    say(conclusion === 'success' ? 'Completed successfully' : `##[error]Process ended: ${conclusion}`)
    return { conclusion, log: `${log.join('\n')}\n`, seconds: seconds() }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function checkout(repository: Repository, sha: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  const run = promisify(execFile)
  const env = { ...process.env, ...SERVER_GIT_ENV }
  await run('git', ['clone', '--quiet', '--shared', '--no-checkout', repository.dir, to], { env })
  await run('git', ['-c', 'advice.detachedHead=false', 'checkout', '--quiet', sha], { cwd: to, env })
}

interface JobContext {
  repository: Repository
  branch: string
  sha: string
  folder: string
}

function execute(
  job: CiJob,
  cwd: string,
  { repository, branch, sha, folder }: JobContext,
  signal: AbortSignal,
): Promise<{ conclusion: JobOutcome['conclusion']; output: string }> {
  const [program = 'false', ...args] = job.command
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of the surrounding process: a test runner's variables change how `node --test` behaves.
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
        HOME: folder,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: fullName(repository),
        GITHUB_REF_NAME: branch,
        GITHUB_SHA: sha,
        GITHUB_WORKSPACE: cwd,
        NO_COLOR: '1',
      },
    })
    let output = ''
    let ended: JobOutcome['conclusion'] | null = null
    const end = (conclusion: JobOutcome['conclusion']) => {
      ended ??= conclusion
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // The group is gone already.
      }
    }
    const cancel = () => end('cancelled')
    const timer = setTimeout(() => end('timed_out'), (job.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000)
    signal.addEventListener('abort', cancel, { once: true })
    const take = (chunk: Buffer) => {
      if (output.length < MOST_LOG_BYTES) output += chunk.toString('utf8')
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const settle = (conclusion: JobOutcome['conclusion']) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      resolve({ conclusion, output })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      settle('failure')
    })
    child.once('close', (code) => settle(ended ?? (code === 0 ? 'success' : 'failure')))
    if (signal.aborted) cancel()
  })
}
