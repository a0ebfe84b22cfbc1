/** The parts of `.github/switchyard.yml` that bear on the agents' work itself: what is protected, and what must hold. */
import { z } from 'zod'
import { ValidationCommand } from '../contract/job.ts'
import { Repository } from './names.ts'

const MINUTE_MS = 60_000
/** Most globs of protected paths in one file; with the built-in ones and the organisation's they stay within a run's 500. */
const PROTECTED_MAX = 200
/** Most validation commands. */
const VALIDATION_MAX = 50

const timeout = ValidationCommand.shape.timeoutMs.unwrap()

/** A glob inside a repository, from its root. */
const Glob = z
  .string()
  .min(1)
  .max(500)
  .regex(/^(?![/!])(?!.*(?:^|\/)\.\.(?:\/|$))/, 'must be a glob inside the repository, from its root')

export const ProtectedPathsFile = z
  .array(Glob)
  .max(PROTECTED_MAX)
  .describe(
    "Globs of paths that no change set may touch without a person, beside those that are always protected (`.github/**`, CODEOWNERS, other services' pipelines, coding agents' own instructions and settings). They are looked at in the plan, in the change itself before it is pushed, and before it is merged. A repository's are added to its organisation's.",
  )

export const ProtectedManifestsFile = z
  .boolean()
  .describe(
    'Whether what runs code where packages are installed is protected as well: install scripts in `package.json`, packages from elsewhere than before, packages with install scripts, hooks and settings of package managers and editors. A file that says `true` is not overruled by another. Left out: true.',
  )

export const ValidationFile = z
  .strictObject({
    name: z.string().min(1).max(200).describe('What it is called where its result is shown; unique.'),
    run: z
      .string()
      .min(1)
      .max(4_000)
      .describe("The command, run by a shell in the repository's folder. It is green when it ends with 0."),
    repository: Repository.optional().describe(
      'The repository (`owner/name`) in which it is run, where the run changed it. Left out: every changed repository.',
    ),
    timeoutMinutes: z
      .number()
      .min((timeout.minValue ?? 0) / MINUTE_MS)
      .max((timeout.maxValue ?? MINUTE_MS) / MINUTE_MS)
      .optional()
      .describe('After so many minutes it counts as red. Left out: 10.'),
  })
  .describe('A command of the step `validate`.')
export type ValidationFile = z.infer<typeof ValidationFile>

export const ValidationsFile = z
  .array(ValidationFile)
  .max(VALIDATION_MAX)
  .describe(
    "Commands that must succeed before pull requests are opened. They are code that runs on the runner like the agents' own: they are read from the default branch only, so a change cannot bring its own.",
  )

/** Most context files. */
const CONTEXT_FILES_MAX = 20
/** Longest text of one that the configuration itself brings, in characters. */
const CONTEXT_TEXT_MAX = 50_000

export const ContextFileEntry = z
  .strictObject({
    path: z
      .string()
      .max(200)
      .regex(
        /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\\\s][^\\]*(?<!\/)$/,
        'must be the path of a file inside the repository, from its root',
      )
      .describe('A file of the default branch; with `text`, the name under which the text is given.'),
    text: z.string().min(1).max(CONTEXT_TEXT_MAX).optional().describe('The text itself. Left out: the file is read.'),
  })
  .describe('A file that every agent is given beside the task.')
export type ContextFileEntry = z.infer<typeof ContextFileEntry>

export const ContextFilesFile = z
  .array(ContextFileEntry)
  .max(CONTEXT_FILES_MAX)
  .describe(
    'Texts that every agent of a run is given as files beside the task: conventions, glossaries, decisions. They are read from the default branch of the repository when a run starts, at most 200,000 characters together; what a change does to them counts when it is merged.',
  )

/** As a run takes it. */
export function validationCommand({ timeoutMinutes, ...command }: ValidationFile): ValidationCommand {
  const timeoutMs = timeoutMinutes === undefined ? {} : { timeoutMs: Math.round(timeoutMinutes * MINUTE_MS) }
  return ValidationCommand.parse({ ...command, ...timeoutMs })
}
