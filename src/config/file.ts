/**
 * The schema of `.github/switchyard.yml`, version 1. Everything but `version` may be left out; what is left out comes
 * from the organisation's file, then from `defaults.ts`. Descriptions go into the JSON Schema and the reference docs.
 */
import { z } from 'zod'
import { ModelList } from '../contract/model-list.ts'
import { StepConfig } from '../pipeline/model.ts'
import { BudgetsFile } from './file-budgets.ts'
import { LabelsFile } from './file-labels.ts'
import { MergeFile } from './file-merge.ts'
import { OutputFile } from './file-output.ts'
import { RolesFile } from './file-roles.ts'
import { NetworkFile, SandboxFile } from './file-sandbox.ts'
import { SchedulesFile } from './file-schedules.ts'
import { ContextFilesFile, ProtectedManifestsFile, ProtectedPathsFile, ValidationsFile } from './file-work.ts'
import { Name, PersonOrTeam, Repository, WRITER } from './names.ts'

/** Longest prefix of commands, in characters. */
const PREFIX_MAX = 20
/** Most live runs that a file may ask for. */
const RUNS_MAX = 1_000
/** Most entries in a list of people. */
const PEOPLE_MAX = 100
/** Most peers: with the primary, a run has at most 20 repositories. */
const PEERS_MAX = 19
/** Most steps of a pipeline. */
const STEPS_MAX = 60
/** Most pipelines for pull requests. */
const ON_PULLS_MAX = 50
/** Longest wait before escalation, in minutes: four weeks. */
const ESCALATE_MAX_MINUTES = 40_320

export const StepFile = z
  .looseObject({
    kind: Name.describe('What the step does.'),
    id: Name.optional().describe("The step's name, unique in its pipeline. Left out: the kind."),
    enabled: z.boolean().optional().describe('Whether the step is done. Left out: true.'),
    required: z.boolean().optional().describe('Whether `/yard skip` is refused for it. Left out: false.'),
    when: StepConfig.shape.when,
  })
  .describe('A step; what else it takes depends on its kind.')
export type StepFile = z.infer<typeof StepFile>

export const PeerFile = z.strictObject({
  repository: Repository.describe('`owner/name`. The App must be installed there.'),
  role: z
    .enum(['provider', 'consumer', 'reference'])
    .describe('`provider`: its pull request merges before ours; `consumer`: after ours; `reference`: only read.'),
  directory: z
    .string()
    .min(1)
    .max(500)
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))/, 'must be a path inside the repository')
    .optional()
    .describe('The part of a monorepo that matters, from its root.'),
  access: z.enum(['write', 'read']).optional().describe('Left out: `read` for a reference, else `write`.'),
})
export type PeerFile = z.infer<typeof PeerFile>

const peopleList = (what: string) =>
  z
    .array(PersonOrTeam)
    .max(PEOPLE_MAX)
    .optional()
    .describe(
      `Those who may ${what}: logins, and teams as \`@organisation/team\`; they need one of the permission levels as well. Left out or empty: everybody who has one.`,
    )

const runsLimit = (who: string) =>
  z.int().min(1).max(RUNS_MAX).optional().describe(`Live runs of ${who}; it can only lower the deployment's limit.`)

export const ConfigurationFile = z
  .strictObject({
    version: z.literal(1).describe("The version of this file's format."),
    pipelines: z
      .record(Name, z.array(StepFile).max(STEPS_MAX))
      .optional()
      .describe('Pipelines by name. One of the name of a built-in pipeline takes its place.'),
    onPullRequests: z
      .array(Name)
      .max(ON_PULLS_MAX)
      .optional()
      .describe(
        'Pipelines of this file that may change a pull request they are started on: they work on its own branch, so no step has to make code first, and none may merge. Beside the built-in `fix`. What only reads may run on any pull request.',
      ),
    roles: RolesFile.optional().describe('How the roles are played.'),
    peers: z.array(PeerFile).max(PEERS_MAX).optional().describe('Other repositories that a task of this one may touch.'),
    merge: MergeFile.optional(),
    protectedPaths: ProtectedPathsFile.optional(),
    sandbox: SandboxFile.optional(),
    network: NetworkFile.optional(),
    protectedManifests: ProtectedManifestsFile.optional(),
    validation: ValidationsFile.optional(),
    contextFiles: ContextFilesFile.optional(),
    schedules: SchedulesFile.optional(),
    labels: LabelsFile.optional(),
    limits: z
      .strictObject({
        runsPerRepository: runsLimit('this repository'),
        runsPerPerson: runsLimit('one person here'),
        output: OutputFile.optional(),
      })
      .optional()
      .describe('How much goes on at the same time, where more waits in the queue; and how much a job may bring.'),
    budgets: BudgetsFile.optional(),
    models: ModelList.min(1)
      .optional()
      .describe(
        'The models that agents may ask for through the model gateway, by name or by its beginning with a `*` behind it: only these, of those that the organisation’s file and who runs Switchyard (`ALLOWED_MODELS`) permit. Agents use smaller models beside their own: list those as well. Left out: all that is permitted.',
      ),
    start: z
      .strictObject({
        permissions: z
          .array(z.enum(['triage', ...WRITER]))
          .min(1)
          .optional()
          .describe('Permission levels that may start and steer runs; `triage` may start by label only.'),
        people: peopleList('start and steer runs'),
      })
      .optional()
      .describe('Who may start and steer runs.'),
    approve: z
      .strictObject({
        permissions: z.array(z.enum(WRITER)).min(1).optional().describe('Permission levels that may approve and reject.'),
        people: peopleList('approve and reject'),
        codeOwners: z
          .boolean()
          .optional()
          .describe(
            'Whether a plan is approved only by somebody who owns every file of it that has an owner, by the CODEOWNERS of the base branch of its repository.',
          ),
        notRequester: z.boolean().optional().describe('Whether somebody other than who started the run must approve.'),
      })
      .optional()
      .describe('Who may approve and reject plans. Where a plan touches several repositories, in all of them.'),
    bots: z
      .array(z.string().regex(/^[A-Za-z0-9-]+\[bot\]$/, 'must be the login of an App, which ends with [bot], in quotes'))
      .max(50)
      .optional()
      .describe('Apps whose labels and commands count, by login (`renovate[bot]`). They can never approve or merge.'),
    commands: z
      .strictObject({
        prefix: z
          .string()
          .max(PREFIX_MAX)
          .regex(/^[/!.][A-Za-z][A-Za-z0-9-]*$/, 'must be a word behind /, ! or ., like `/yard`')
          .optional()
          .describe('Commands in comments begin with this.'),
      })
      .optional()
      .describe('Commands.'),
    escalateAfterMinutes: z
      .number()
      .min(0.01)
      .max(ESCALATE_MAX_MINUTES)
      .optional()
      .describe('A wait for a person is escalated after so many minutes; it never ends by itself.'),
    noChecksGraceSeconds: z
      .number()
      .min(0)
      .max(3_600)
      .optional()
      .describe('How long a head must be without any check before that counts as green, in seconds.'),
    reviewQuietSeconds: z
      .number()
      .min(0)
      .max(3_600)
      .optional()
      .describe('Review remarks are gathered for so many seconds and answered as one batch.'),
  })
  .describe('Configuration of Switchyard.')
/** One file, as it was written: what it does not say is absent. */
export type ConfigurationFile = z.infer<typeof ConfigurationFile>
