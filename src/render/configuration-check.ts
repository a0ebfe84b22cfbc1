/** The check run of a push that touched the configuration (CFG-2): what is wrong, at its lines. Pure. */
import type { BrokenSource } from '../config/load.ts'
import type { Annotation } from '../github/checks.ts'
import { safeLine } from './safe-text.ts'

/** What the check is called. */
export const CONFIGURATION_CHECK = 'switchyard / configuration'
/** How many faults are shown; of more, only their number. */
const FAULTS_MAX = 100
/** Longest sentence about one fault, in characters. */
const MESSAGE_MAX = 500

export interface ConfigurationCheck {
  conclusion: 'success' | 'failure'
  title: string
  /** Markdown */
  summary: string
  annotations: Annotation[]
}

/** What the check says of these files; none of them broken is a success. */
export function configurationCheck(broken: readonly BrokenSource[]): ConfigurationCheck {
  const faults = broken.flatMap(({ path, errors }) => errors.map((error) => ({ file: path, ...error })))
  if (faults.length === 0) {
    const summary = 'The next start uses it. Runs that are live go on with the settings that they were started with.'
    return { conclusion: 'success', title: 'The configuration is good', summary, annotations: [] }
  }
  const shown = faults.slice(0, FAULTS_MAX)
  const lines = shown.map(({ file, line, column, path, message }) => {
    const place = path === '' ? '' : `\`${path.replaceAll('`', "'")}\`: `
    return `- \`${file}\`, line ${line}, column ${column}: ${place}${safeLine(message, MESSAGE_MAX)}`
  })
  const more = faults.length - shown.length
  return {
    conclusion: 'failure',
    title: `The configuration is not good: ${faults.length === 1 ? '1 error' : `${faults.length} errors`}`,
    summary: [
      'New runs are refused until it is mended. Runs that are live go on with the settings that they were started with; who may do what is still decided by the last good configuration.',
      [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n'),
    ].join('\n\n'),
    annotations: shown.map(({ file, line, path, message }) => ({
      path: file,
      startLine: line,
      endLine: line,
      level: 'failure',
      message: path === '' ? message : `${path}: ${message}`,
    })),
  }
}
