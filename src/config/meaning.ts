/** What a schema cannot say: checks across the parts of a file. */
import { z } from 'zod'
import type { Fault, Path } from './explain-issue.ts'
import { type ConfigurationFile, PeerFile, StepFile } from './file.ts'
import { RoleFile } from './file-roles.ts'
import { ValidationFile } from './file-work.ts'
import { quoted } from './nearest.ts'
import { limitFaults } from './role-limits.ts'
import { pipelineFaults } from './steps.ts'

/** The faults of those entries that the schema found good, whatever it found of the others. */
export function faultsOfMeaning(content: unknown): Fault[] {
  return [
    ...goodEntries(content, 'pipelines', z.array(StepFile)).flatMap(([name, steps]) =>
      beneath(['pipelines', name], pipelineFaults(steps)),
    ),
    ...goodEntries(content, 'roles', RoleFile).flatMap(([name, role]) =>
      beneath(['roles', name, 'limits'], limitFaults(role.limits ?? {})),
    ),
    ...peerFaults(goodEntries(content, 'peers', PeerFile)),
    ...validationFaults(goodEntries(content, 'validation', ValidationFile)),
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

const AnyRecord = z.record(z.string(), z.unknown())

function beneath(path: Path, faults: readonly Fault[]): Fault[] {
  return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }))
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

/** A name stands for one command in the results. */
function validationFaults(commands: readonly [place: string, command: ValidationFile][]): Fault[] {
  const seen = new Set<string>()
  return commands.flatMap(([place, { name }]) => {
    const again = seen.has(name)
    seen.add(name)
    return again ? [{ path: ['validation', Number(place), 'name'], message: `${quoted(name)} is there twice.` }] : []
  })
}
