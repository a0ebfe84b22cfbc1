/** The part of `.github/switchyard.yml` that says who merges, how, and what may merge without a person. */
import { z } from 'zod'
import { ChangeClass, MergePolicy } from '../pipeline/run-settings.ts'
import { WRITER } from './names.ts'

/** Most files of a change set that may merge by itself. */
const FILES_MAX = 3_000
/** Most lines of a change set that may merge by itself. */
const LINES_MAX = 100_000

const fallback = MergePolicy.parse({})

const ceiling = (axis: 'complexity' | 'risk' | 'impact', what: string) =>
  z.number().min(0).max(1).optional().describe(`Highest ${what}, 0 to 1. Left out: ${fallback[axis]}.`)

export const MergePolicyFile = z
  .strictObject({
    complexity: ceiling('complexity', 'complexity that an assessment of the change may give it'),
    risk: ceiling('risk', 'risk that it may give it'),
    impact: ceiling('impact', 'impact that it may give it'),
    classes: z
      .array(ChangeClass)
      .min(1)
      .max(ChangeClass.options.length)
      .optional()
      .describe(`What the changed files may be, told from their paths. Left out: ${fallback.classes.join(', ')}.`),
    maxFiles: z
      .int()
      .min(1)
      .max(FILES_MAX)
      .optional()
      .describe(`Most changed files, all repositories together. Left out: ${fallback.maxFiles}.`),
    maxLines: z
      .int()
      .min(1)
      .max(LINES_MAX)
      .optional()
      .describe(`Most added and deleted lines, all repositories together. Left out: ${fallback.maxLines}.`),
  })
  .describe(
    'What may merge without a person where `by` is `policy`; beyond it, and where a protected path is touched, a person merges.',
  )
export type MergePolicyFile = z.infer<typeof MergePolicyFile>

export const MergeFile = z
  .strictObject({
    by: z
      .enum(['person', 'auto', 'policy'])
      .optional()
      .describe(
        '`person`: a person merges with `/yard merge`; `auto`: the run merges when every condition holds; `policy`: it does so where `merge.policy` allows it, else a person.',
      ),
    method: z.enum(['merge', 'squash', 'rebase']).optional().describe('How pull requests are merged.'),
    permissions: z.array(z.enum(WRITER)).min(1).optional().describe('Permission levels that may merge.'),
    policy: MergePolicyFile.optional(),
  })
  .describe('Merging.')
export type MergeFile = z.infer<typeof MergeFile>
