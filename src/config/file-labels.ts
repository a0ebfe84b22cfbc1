/** The part of `.github/switchyard.yml` that names the labels which start runs. */
import { z } from 'zod'
import { Name } from './names.ts'

/** Longest label of GitHub's, in characters. */
const LABEL_MAX = 50
/** The start label is the beginning of others: `switchyard:<pipeline>`. */
const START_MAX = 20
/** What the labels that show a run's state begin with. */
export const STATE_PREFIX = 'switchyard/'

/** GitHub takes no label with spaces around it; those with our state's prefix are ours. */
const label = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^(?![Ss][Ww][Ii][Tt][Cc][Hh][Yy][Aa][Rr][Dd]\/)\S(?:.*\S)?$/, {
      error: `must be a label, without spaces around it, which does not begin with ${STATE_PREFIX}`,
    })

export const LabelsFile = z
  .strictObject({
    start: label(START_MAX)
      .optional()
      .describe('Starts the default pipeline; with a colon and a name, as in `<start>:quick`, the pipeline of that name.'),
    pipelines: z
      .record(Name, label(LABEL_MAX))
      .optional()
      .describe(
        'Labels of their own for pipelines, by the name of the pipeline; `explain` is for the label that only explains.',
      ),
  })
  .describe('The labels that start runs.')
