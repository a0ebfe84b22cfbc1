/** A file that says everything there is to say, and what its schemas find of a change to it. */
import { z } from 'zod'
import { ConfigurationFile } from '../../src/config/file.ts'
import { ROLE_NAMES } from '../../src/config/file-roles.ts'
import { STEP_KINDS } from '../../src/pipeline/definitions.ts'
import { StepConfig } from '../../src/pipeline/model.ts'
import { checkRoleReports } from '../../src/pipeline/role-reports.ts'

/** One step of every kind with options; the rules of order between them are not a matter of shape. */
const STEPS = [
  { kind: 'questions', role: 'clarity', rounds: 2 },
  { kind: 'plan', role: 'planner' },
  { kind: 'approval', required: true },
  { kind: 'agent', id: 'code', role: 'coder', mode: 'code', assignment: 'Do it.' },
  { kind: 'companion', role: 'reviewer', threshold: 0.9, reworks: 2 },
  { kind: 'validate', attempts: 2 },
  { kind: 'conflicts', attempts: 2 },
  { kind: 'ci', attempts: 3, role: 'fixer' },
  { kind: 'review' },
  { kind: 'merge', by: 'person', required: true },
]

const WIDE = [
  { kind: 'estimate', role: 'estimator' },
  {
    kind: 'parallel',
    steps: [
      { id: 'api', role: 'researcher', assignment: 'The API.' },
      { id: 'web', role: 'researcher' },
    ],
  },
  { kind: 'investigate', when: { risk: 0.5 } },
  { kind: 'document', id: 'design', role: 'writer' },
  { kind: 'agent', id: 'code' },
  { kind: 'test', role: 'tester', fixer: 'fixer' },
  { kind: 'merge', by: 'policy' },
  { kind: 'ticket', labels: ['follow-up'] },
  { kind: 'release', windowMinutes: 30, probe: 'https://example.com/health' },
]

export const FULL = {
  version: 1,
  pipelines: { careful: STEPS, wide: WIDE, mend: [{ kind: 'ci' }] },
  onPullRequests: ['mend'],
  roles: {
    coder: {
      runtime: { name: 'claude', model: 'some-model', effort: 'high' },
      instructions: 'Prefer small commits.',
      limits: {
        durationMinutes: 90,
        inactivityMinutes: 15,
        toolSilenceMinutes: 20,
        coldStartSeconds: 30,
        checkpointSeconds: 90,
      },
    },
    reviewer: { instructions: 'Look for holes.', runtime: { name: 'command', command: ['./agent', '--now'] } },
  },
  peers: [
    { repository: 'acme/web', role: 'consumer' },
    { repository: 'acme/specs', role: 'reference', access: 'read', directory: 'services/api' },
  ],
  merge: {
    by: 'policy',
    method: 'squash',
    permissions: ['maintain', 'admin'],
    policy: { complexity: 0.3, risk: 0.2, impact: 0.1, classes: ['docs', 'test'], maxFiles: 10, maxLines: 100 },
  },
  protectedPaths: ['src/billing/**', '*.pem'],
  sandbox: 'required',
  network: { hosts: ['npm.example.com', '*.example.org', 'pip.example.com:8443'] },
  validation: [
    { name: 'lint', run: 'npm run lint' },
    { name: 'types', run: 'npx tsc', repository: 'acme/web', timeoutMinutes: 5 },
  ],
  contextFiles: [{ path: 'docs/conventions.md' }, { path: 'words.md', text: 'A leg is one repository.' }],
  schedules: [
    {
      name: 'weekly',
      cron: '0 6 * * 1',
      timeZone: 'Europe/Berlin',
      pipeline: 'wide',
      title: 'Dependencies of {date}',
      task: 'Bring them up to date.',
      enabled: true,
    },
  ],
  models: ['some-model', 'claude-*'],
  labels: { start: 'yard', pipelines: { mend: 'mend it' } },
  limits: { runsPerRepository: 2, runsPerPerson: 1 },
  start: { permissions: ['triage', 'write', 'maintain', 'admin'], people: ['hubot'] },
  approve: { permissions: ['maintain', 'admin'], people: ['mona', '@acme/platform'], codeOwners: true, notRequester: true },
  bots: ['renovate[bot]'],
  commands: { prefix: '!sy' },
  escalateAfterMinutes: 60,
  noChecksGraceSeconds: 30,
  reviewQuietSeconds: 5,
}

const Pipelines = z.object({ pipelines: z.record(z.string(), z.array(z.looseObject({ kind: z.string() }))).optional() })

/** What a JSON Schema can know: every part is as its own schema wants it, whatever that means beside the others. */
export function shapeIsGood(content: unknown): boolean {
  if (!ConfigurationFile.safeParse(content).success) return false
  return Object.values(Pipelines.parse(content).pipelines ?? {})
    .flat()
    .every((step) => {
      const kind = STEP_KINDS.find((candidate) => candidate.kind === step.kind)
      const config = { ...step, id: step.id ?? step.kind, enabled: step.enabled ?? true }
      return kind?.config.safeParse(config).success === true && rolesAreGood(config)
    })
}

const Named = z.looseObject({
  role: z.unknown().optional(),
  fixer: z.unknown().optional(),
  steps: z.array(z.looseObject({ role: z.unknown().optional() })).optional(),
})

/** A step names only roles that there are, and whose report it can read. */
function rolesAreGood(step: { kind: string; id: unknown; enabled: unknown }): boolean {
  const named = Named.parse(step)
  const roles = [named.role, named.fixer, ...(named.steps ?? []).map(({ role }) => role)]
  const known = roles.every((role) => role === undefined || ROLE_NAMES.some((name) => name === role))
  return known && checkRoleReports([StepConfig.parse({ ...step, id: 'x' })]).length === 0
}
