import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { REPORT_MAX_BYTES, REQUIRED_FIELD, Report, type ReportShape } from '../../src/contract/report.ts'
import { readInside, UnsafeFileError } from '../safe-file.ts'

/** The report's name in its private folder. */
export const REPORT_FILE = 'report.json'
/** Most faults that are told back to the agent. */
const FAULTS_MAX = 20

/** What was found where the report should be. `faults` are in words the agent can act on. */
export type ReadReport =
  | { readonly status: 'good'; readonly report: Report }
  | { readonly status: 'missing' }
  /** A report for another job, or a forged one: nothing in it counts. */
  | { readonly status: 'void'; readonly faults: readonly string[] }
  | { readonly status: 'malformed'; readonly faults: readonly string[] }

/** What a report must have to count. */
export interface ExpectedReport {
  readonly nonce: string
  readonly shape: ReportShape
  /** The JSON Schema of its `result`; absent: it has none. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Reads the report that the agent wrote, strictly: a regular file of bounded size, no link, JSON of the contract's schema,
 * this job's nonce, and the field that its shape demands.
 */
export async function readReport(folder: string, expected: ExpectedReport): Promise<ReadReport> {
  let text: string
  try {
    const bytes = await readInside(await realpath(folder), REPORT_FILE, REPORT_MAX_BYTES)
    if (bytes === null) return { status: 'missing' }
    text = bytes.toString('utf8')
  } catch (error) {
    if (error instanceof UnsafeFileError) return { status: 'malformed', faults: [error.message] }
    throw error
  }
  return parseReport(text, expected)
}

/** Judges the text of a report. */
export function parseReport(text: string, expected: ExpectedReport): ReadReport {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { status: 'malformed', faults: [`It is not JSON: ${error instanceof Error ? error.message : String(error)}`] }
  }
  // Before anything else in it is looked at: another job's report says nothing about this one.
  const nonce = nonceOf(value)
  if (nonce !== expected.nonce) {
    return {
      status: 'void',
      faults: [nonce === undefined ? 'nonce: there is none.' : 'nonce: it is not the nonce of this job.'],
    }
  }
  const parsed = Report.safeParse(value)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'report'}: ${issue.message}`)
    return { status: 'malformed', faults: faults.slice(0, FAULTS_MAX) }
  }
  const report = parsed.data
  const required = REQUIRED_FIELD[expected.shape]
  const complete = report.status === 'success' || report.status === 'partial'
  if (complete && required !== undefined && report[required] === undefined) {
    return { status: 'malformed', faults: [`${required}: a report of this role must have it.`] }
  }
  const faults = complete && expected.schema !== undefined ? resultFaults(expected.schema, report.result) : []
  return faults.length > 0 ? { status: 'malformed', faults: faults.slice(0, FAULTS_MAX) } : { status: 'good', report }
}

/** Where a result does not fit the JSON Schema that a workflow's script gave for it. */
function resultFaults(schema: Readonly<Record<string, unknown>>, result: unknown): string[] {
  const checked = z.fromJSONSchema(z.record(z.string(), z.json()).parse(schema)).safeParse(result)
  if (checked.success) return []
  return checked.error.issues.map(({ path: at, message }) => `${['result', ...at].join('.')}: ${message}`)
}

function nonceOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'nonce' in value ? value.nonce : undefined
}

/** The faults of a report that is not good, as lines. */
export function faultsOf(read: Exclude<ReadReport, { status: 'good' }>): readonly string[] {
  return read.status === 'missing' ? ['There is no report file.'] : read.faults
}

/** The path that the agent is told to write to. */
export function reportPath(folder: string): string {
  return path.join(folder, REPORT_FILE)
}
