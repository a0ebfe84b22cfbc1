import { randomBytes } from 'node:crypto'
import { jobId, RunId, StepId } from '../../src/contract/ids.ts'
import { CONTRACT_VERSION, JobSpec } from '../../src/contract/job.ts'
import { Run } from '../../src/pipeline/model.ts'

/** A new run id. */
export function someRunId(): RunId {
  return RunId.parse(`r${randomBytes(8).toString('hex')}`)
}

export interface RunShape {
  id?: RunId
  number?: number
  repositoryId?: number
  requesterId?: number
  status?: Run['status']
  version?: number
  createdAt?: number
  admittedAt?: number | null
  legs?: { key: string; repositoryId?: number; head?: string | null; pull?: number | null; branch?: string }[]
  body?: string
}

/** A run with one agent step; what matters to a test is given, the rest is filled in. */
export function someRun(shape: RunShape = {}): Run {
  const id = shape.id ?? someRunId()
  return Run.parse({
    id,
    version: shape.version ?? 0,
    task: {
      installationId: 11,
      repositoryId: shape.repositoryId ?? 101,
      repository: 'acme/shop',
      thread: 'issue',
      number: shape.number ?? Math.floor(Math.random() * 1_000_000_000) + 1,
      url: 'https://github.com/acme/shop/issues/7',
      title: 'Add a search box',
      body: shape.body ?? 'Please.',
      author: 'ada',
      requestedBy: { login: 'ada', id: shape.requesterId ?? 1 },
    },
    pipeline: 'default',
    settings: {
      roles: {},
      merge: { by: 'person', method: 'merge' },
      prefix: '/yard',
      escalateMs: 7_200_000,
      noChecksGraceMs: 60_000,
      sweepMs: 300_000,
      debounceMs: 1_000,
    },
    status: shape.status ?? { state: 'queued' },
    steps: [
      {
        id: 'code',
        kind: 'agent',
        config: { id: 'code', kind: 'agent' },
        status: { state: 'pending' },
        epoch: 0,
        data: null,
        output: null,
        feedback: [],
        startedAt: null,
        endedAt: null,
        spentMs: 0,
        usage: {},
      },
    ],
    legs: (shape.legs ?? [{ key: 'acme__shop' }]).map((leg) => ({
      key: leg.key,
      repositoryId: leg.repositoryId ?? 101,
      repository: 'acme/shop',
      cloneUrl: 'https://github.com/acme/shop.git',
      role: 'primary',
      access: 'write',
      planned: true,
      baseBranch: 'main',
      workBranch: leg.branch ?? `switchyard/${id}`,
      base: null,
      head: leg.head ?? null,
      changedFiles: 0,
      pull:
        leg.pull === undefined || leg.pull === null
          ? null
          : {
              number: leg.pull,
              nodeId: 'PR_1',
              url: `https://github.com/acme/shop/pull/${leg.pull}`,
              state: 'open',
              draft: true,
              mergedAt: null,
              mergeSha: null,
            },
      checkedSha: null,
      reviewedSha: null,
      mergedSha: null,
    })),
    mergeOrder: [],
    createdAt: shape.createdAt ?? 1_000,
    admittedAt: shape.admittedAt ?? null,
    endedAt: null,
  })
}

/** A job's spec; its id says what it is. */
export function someSpec(run: RunId = someRunId(), epoch = 1): JobSpec {
  const step = StepId.parse('code')
  return JobSpec.parse({
    version: CONTRACT_VERSION,
    id: jobId(run, step, epoch),
    run,
    step,
    epoch,
    role: 'coder',
    mode: 'code',
    runtime: { name: 'command', command: ['true'] },
    instructions: 'Do it.',
    prompt: 'Add a search box.',
    reportShape: 'work',
    nonce: randomBytes(16).toString('hex'),
    legs: [
      {
        key: 'acme__shop',
        repositoryId: 101,
        repository: 'acme/shop',
        cloneUrl: 'https://github.com/acme/shop.git',
        role: 'primary',
        access: 'write',
        baseBranch: 'main',
        workBranch: `switchyard/${run}`,
      },
    ],
    allowedHosts: ['github.com'],
    limits: {},
    author: { name: 'Switchyard', email: 'switchyard@example.com' },
  })
}
