/** What the pipeline `bugfix` promises, held against git, GitHub and the store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { execa } from 'execa'
import { z } from 'zod'
import type { Run } from '../../../../src/pipeline/model.ts'
import { latestOutput } from '../../../../src/pipeline/state.ts'
import type { LocalGitHub } from '../../../github/local-github.ts'
import { git } from '../../../github/state/git.ts'
import type { Evidence } from '../../evidence.ts'
import { type Claim, mergedClaims } from '../../verify.ts'
import { ASKED, REVIEWER } from './people.ts'
import { changelog, FAILING_CASE, FIX_ENTRY, OTHER_ENTRY, REPOSITORY } from './repository.ts'

export async function bugfixClaims(shown: { github: LocalGitHub; run: Run | null; evidence: Evidence }): Promise<Claim[]> {
  const { run, evidence } = shown
  return [
    ...mergedClaims(run, evidence),
    ...(await fixClaims(shown)),
    ...storedClaims(run),
    ...(await conflictClaims(shown)),
    ...reviewClaims(shown),
  ]
}

/** The case of the report, run for real: at the first commit of main, and at main as it is now. */
async function fixClaims({ github }: { github: LocalGitHub }): Promise<Claim[]> {
  const { dir } = github.inspect().repository(REPOSITORY)
  const [first = ''] = (await git(dir, ['rev-list', '--max-parents=0', 'main'])).trim().split('\n')
  const [before, now] = [await failingCaseAt(dir, first), await failingCaseAt(dir, 'main')]
  return [{ what: 'the case of the report failed before, and passes on main', holds: before === 1 && now === 0 }]
}

/** The exit code of the case of the report in a checkout of this commit. */
async function failingCaseAt(dir: string, commit: string): Promise<number | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'case-'))
  try {
    await execa('git', ['clone', '--quiet', '--no-checkout', dir, folder])
    await execa('git', ['checkout', '--quiet', commit], { cwd: folder })
    return (await execa(process.execPath, ['-e', FAILING_CASE], { cwd: folder, reject: false })).exitCode
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function storedClaims(run: Run | null): Claim[] {
  const diagnosis = run === null ? null : latestOutput(run, 'diagnosis')
  const questions = run === null ? null : latestOutput(run, 'questions')
  const validated = run === null ? null : latestOutput(run, 'validate')
  const [settled, ...others] = questions?.settled ?? []
  return [
    {
      what: 'the diagnosis names the file at fault',
      holds: diagnosis?.diagnosis.evidence.some((one) => one.path === 'src/server.mjs') === true,
    },
    {
      what: 'the one question was settled by an answer of a person',
      holds: settled?.how === 'answered' && settled.by === ASKED && others.length === 0,
    },
    {
      what: 'the validation was red once, and then green',
      holds: validated?.attempts === 1 && validated.checks.length === 2 && validated.checks.every(({ ok }) => ok),
    },
  ]
}

const Push = z.looseObject({ ref: z.string(), forced: z.boolean() })

async function conflictClaims({ github, run, evidence }: { github: LocalGitHub; run: Run | null; evidence: Evidence }) {
  const seen = github.inspect()
  const { dir } = seen.repository(REPOSITORY)
  const [pull] = evidence.pulls
  const merges = pull === undefined ? '' : await git(dir, ['log', '--merges', '--format=%P', pull.headSha])
  const subjects = await Promise.all(
    merges
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map(async (parents) => git(dir, ['log', '-1', '--format=%an', parents.split(' ')[1] ?? ''])),
  )
  const kept = await git(dir, ['show', 'main:CHANGELOG.md'])
  const pushes = seen
    .deliveries()
    .filter(({ event }) => event === 'push')
    .map(({ payload }) => Push.parse(JSON.parse(payload)))
  const conflicts = run === null ? null : latestOutput(run, 'conflicts')
  return [
    { what: 'one conflict was resolved by an agent', holds: conflicts?.resolved === 1 },
    {
      what: `its one merge commit has ${REVIEWER}’s commit as a parent`,
      holds: subjects.length === 1 && subjects[0]?.trim() === REVIEWER,
    },
    { what: 'both lines are in the changelog, and no marker', holds: kept.trim() === changelog(FIX_ENTRY, OTHER_ENTRY).trim() },
    { what: 'nothing was ever pushed by force', holds: pushes.length > 0 && pushes.every(({ forced }) => !forced) },
  ]
}

function reviewClaims({ github, evidence }: { github: LocalGitHub; evidence: Evidence }): Claim[] {
  const [found] = github.inspect().pulls(REPOSITORY)
  const [pull] = evidence.pulls
  const threads = found?.pull.threads ?? []
  const approvals = (found?.pull.reviews ?? []).filter(
    ({ state, author }) => state === 'APPROVED' && author.user.login === REVIEWER,
  )
  const answered = threads.every(({ resolved, comments }) => resolved && comments.some(({ author }) => author.app !== null))
  return [
    { what: 'the conversation of the review is answered in place, and resolved', holds: threads.length === 1 && answered },
    {
      what: `${REVIEWER} approved exactly the commit that was merged`,
      holds: approvals.length === 1 && approvals[0]?.commitId === pull?.headSha,
    },
  ]
}
