/** What a schema cannot say: checks across the parts of a file. */
import { z } from 'zod'
import { BUILT_IN_PIPELINES } from './built-in-pipelines.ts'
import { BUILT_IN_CONFIGURATION, DEFAULT_START_LABEL } from './defaults.ts'
import type { Fault, Path } from './explain-issue.ts'
import { ConfigurationFile, PeerFile, StepFile } from './file.ts'
import { RoleFile } from './file-roles.ts'
import { ScheduleFile } from './file-schedules.ts'
import { ContextFileEntry, ValidationFile } from './file-work.ts'
import { quoted, suggestion } from './nearest.ts'
import { limitFaults } from './role-limits.ts'
import { scheduleFaults } from './schedule-faults.ts'
import { pipelineFaults } from './steps.ts'

/** The faults of those entries that the schema found good, whatever it found of the others. */
export function faultsOfMeaning(content: unknown): Fault[] {
  return [
    ...pipelinesFaults(
      goodEntries(content, 'pipelines', z.array(StepFile)),
      goodEntries(content, 'onPullRequests', z.string()),
    ),
    ...goodEntries(content, 'roles', RoleFile).flatMap(([name, role]) =>
      beneath(['roles', name, 'limits'], limitFaults(role.limits ?? {})),
    ),
    ...labelFaults(content),
    ...peerFaults(goodEntries(content, 'peers', PeerFile)),
    ...twiceFaults('validation', 'name', goodEntries(content, 'validation', ValidationFile)),
    ...scheduleFaults(goodEntries(content, 'schedules', ScheduleFile), pipelinesOf(content)),
    ...twiceFaults('schedules', 'name', goodEntries(content, 'schedules', ScheduleFile)),
    ...twiceFaults('contextFiles', 'path', goodEntries(content, 'contextFiles', ContextFileEntry)),
  ]
}

/** The entries of a section, or the items of a list by their place, that are as the schema wants them. */
function goodEntries<T>(content: unknown, section: keyof ConfigurationFile, schema: z.ZodType<T>): [name: string, value: T][] {
  const sections = AnyRecord.safeParse(content)
  const entries = sections.success ? sections.data[section] : undefined
  if (typeof entries !== 'object' || entries === null) return []
  return Object.entries(entries).flatMap(([name, value]): [string, T][] => {
    const parsed = schema.safeParse(value)
    return parsed.success ? [[name, parsed.data]] : []
  })
}

/** The pipelines that the file has beside the built-in ones, good or not: their own faults are told at their own place. */
function pipelinesOf(content: unknown): string[] {
  const sections = AnyRecord.safeParse(content)
  const pipelines = AnyRecord.safeParse(sections.success ? sections.data.pipelines : null)
  return pipelines.success ? Object.keys(pipelines.data) : []
}

const AnyRecord = z.record(z.string(), z.unknown())

function beneath(path: Path, faults: readonly Fault[]): Fault[] {
  return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }))
}

/** Each pipeline by the rules of what it is started on; what is listed for pull requests is in this file or built in. */
function pipelinesFaults(
  pipelines: readonly [name: string, steps: StepFile[]][],
  listed: readonly [place: string, name: string][],
): Fault[] {
  const builtIn = BUILT_IN_PIPELINES.filter(({ name }) => !pipelines.some(([own]) => own === name))
  const onPulls = [...BUILT_IN_CONFIGURATION.onPullRequests, ...listed.map(([, name]) => name)]
  const known = [...pipelines.map(([name]) => name), ...builtIn.map(({ name }) => name)]
  return [
    ...pipelines.flatMap(([name, steps]) =>
      beneath(['pipelines', name], pipelineFaults(steps, onPulls.includes(name) ? 'pull' : 'issue')),
    ),
    ...listed.flatMap(([place, name]): Fault[] => {
      const path = ['onPullRequests', Number(place)]
      if (!known.includes(name)) return [{ path, message: `there is no pipeline ${quoted(name)}; ${suggestion(name, known)}` }]
      const steps = builtIn.find((pipeline) => pipeline.name === name)?.steps ?? []
      const [fault] = steps.length === 0 ? [] : pipelineFaults(steps, 'pull')
      return fault === undefined ? [] : [{ path, message: `${quoted(name)} cannot run on a pull request: ${fault.message}` }]
    }),
  ]
}

/** A label starts one pipeline. */
function labelFaults(content: unknown): Fault[] {
  const { labels } = ConfigurationFile.pick({ labels: true }).loose().catch({}).parse(content)
  const seen = new Map([[(labels?.start ?? DEFAULT_START_LABEL).toLowerCase(), '`labels.start`']])
  return Object.entries(labels?.pipelines ?? {}).flatMap(([pipeline, label]) => {
    const taken = seen.get(label.toLowerCase())
    seen.set(label.toLowerCase(), `the pipeline ${quoted(pipeline)}`)
    if (taken === undefined) return []
    return [{ path: ['labels', 'pipelines', pipeline], message: `${quoted(label)} is the label of ${taken} already.` }]
  })
}

function peerFaults(peers: readonly [place: string, peer: PeerFile][]): Fault[] {
  const seen = new Set<string>()
  return peers.flatMap(([place, { repository, role, access }]) => {
    const faults: Fault[] = []
    const path = ['peers', Number(place)]
    const key = repository.toLowerCase()
    if (seen.has(key)) faults.push({ path: [...path, 'repository'], message: `${quoted(repository)} is listed twice.` })
    seen.add(key)
    if (role === 'reference' && access === 'write') {
      faults.push({ path: [...path, 'access'], message: 'a reference is only read; `write` needs another role.' })
    }
    return faults
  })
}

/** A name stands for one command in the results, a path for one file. */
function twiceFaults<K extends string>(
  section: string,
  key: K,
  entries: readonly [place: string, entry: Record<K, string>][],
): Fault[] {
  const seen = new Set<string>()
  return entries.flatMap(([place, { [key]: name }]) => {
    const again = seen.has(name)
    seen.add(name)
    return again ? [{ path: [section, Number(place), key], message: `${quoted(name)} is there twice.` }] : []
  })
}
