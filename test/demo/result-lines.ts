/** What a job's result tells: what it pushed, found, graded, and how the commands of the configuration ended. */
import type { JobResult } from '../../src/contract/job.ts'
import type { Run, Step } from '../../src/pipeline/model.ts'
import { shortSha } from './github-lines.ts'
import type { Line } from './screen.ts'

type Told = Omit<Line, 'at'>

/** The lines of one job's end; none where it has no result. */
export function resultLines(run: Run, step: Step | undefined, result: JobResult | null): Told[] {
  return [...pushes(run, result), ...found(result), ...verdict(result), ...commands(step, result)]
}

/** Which branches a job pushed, and what is on them. */
function pushes(run: Run, result: JobResult | null): Told[] {
  return (result?.legs ?? []).flatMap((leg): Told[] => {
    if (leg.push.status !== 'pushed' || leg.head === null) return []
    const files = leg.changedFiles
    const added = files.reduce((sum, file) => sum + file.additions, 0)
    const deleted = files.reduce((sum, file) => sum + file.deletions, 0)
    const size = `${files.length} ${files.length === 1 ? 'file' : 'files'}, +${added} −${deleted}`
    const where = run.legs.find(({ key }) => key === leg.key)?.repository ?? leg.key
    return [{ mark: 'done', what: 'Pushed', where, detail: `${shortSha(leg.head)}, against its base: ${size}` }]
  })
}

/** What a job that only looks has found. */
function found(result: JobResult | null): Told[] {
  if (result?.status !== 'finished') return []
  const { diagnosis, findings, estimate } = result.report
  const told: Told[] = []
  if (diagnosis !== undefined) {
    const evidence = diagnosis.evidence.map(({ text, path, line }) => {
      const place = [path, line].filter((part) => part !== undefined).join(':')
      return place === '' ? text : `${place}: ${text}`
    })
    const more = [diagnosis.cause, ...evidence, `Remedy: ${diagnosis.remedy}`]
    told.push({ mark: 'done', what: 'The cause is found', detail: `confidence ${diagnosis.confidence}`, more })
  }
  if (findings !== undefined && findings.findings.length === 0) told.push({ mark: 'done', what: 'Nothing is open' })
  if (estimate !== undefined) {
    const { complexity, risk, impact } = estimate
    const detail = `complexity ${complexity.value}, risk ${risk.value}, impact ${impact.value}`
    told.push({ mark: 'done', what: 'Estimated', detail, more: [complexity.why, risk.why, impact.why] })
  }
  return told
}

/** How the commands of the configuration ended. */
function commands(step: Step | undefined, result: JobResult | null): Told[] {
  if (step?.kind !== 'validate' || result?.status !== 'finished') return []
  return (result.report.checks ?? []).map(({ command, ok, output = '' }): Told => {
    const [run = '', ...printed] = output.trimEnd().split('\n')
    const detail = run.replace(/^\$ /, '')
    return ok
      ? { mark: 'done', what: `Green: ${command}`, detail }
      : { mark: 'bad', what: `Red: ${command}`, detail, more: printed.slice(-2) }
  })
}

function verdict(result: JobResult | null): Told[] {
  if (result?.status !== 'finished' || result.report.verdict === undefined) return []
  const { rating, summary, comments } = result.report.verdict
  const remarks = comments.map(({ body, path, line, repository, severity }) => {
    const place = [repository, path, line].filter((part) => part !== undefined).join(':')
    return `[${severity}] ${place}: ${body}`
  })
  const what =
    comments.length === 0 ? 'Companion has no remark' : `Companion has ${comments.length === 1 ? 'a remark' : 'remarks'}`
  return [{ mark: comments.length === 0 ? 'done' : 'bad', what, detail: `rated ${rating}: ${summary}`, more: remarks }]
}
