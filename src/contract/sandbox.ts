/** What app and runner say to one another of the sandbox that a job's programs run in. */
import { z } from 'zod'

/** `required`: no job without a sandbox. `auto`: with one where it can be had. `off`: none. */
export const SANDBOX_MODES = ['required', 'auto', 'off'] as const
export type SandboxMode = (typeof SANDBOX_MODES)[number]
/** How a runner treats its jobs unless `SANDBOX` says otherwise. */
export const DEFAULT_SANDBOX: SandboxMode = 'required'

/** Longest entry of a list of hosts, in characters: a host name has at most 253, and then a port. */
const ENTRY_MAX = 260
/** Most entries of a list of hosts. */
export const HOSTS_MAX = 100
/** Most hosts of which refusals are told. */
export const DENIED_MAX = 50

const NAME = /^(\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::([1-9]\d{0,4}))?$/

/** One entry: `host`, `host:port` or `*.domain`, in lower case. A bare domain does not include what is below it. */
export const AllowedHost = z
  .string()
  .max(ENTRY_MAX)
  .toLowerCase()
  .regex(NAME, { error: 'must be a host name such as registry.example.com, *.example.com or registry.example.com:8443' })

/** What a job asks of its sandbox: never more than the runner gives to every job. */
export const JobSandbox = z.object({
  /** Without a sandbox the job is not done, also where the runner could do without. */
  required: z.boolean().default(false),
  /** Of the hosts that the runner permits only these; none at all where the list is empty; absent: all that it permits. */
  hosts: z.array(AllowedHost).max(HOSTS_MAX).optional(),
})
export type JobSandbox = z.infer<typeof JobSandbox>

/**
 * A connection that was refused. `not-listed`: by the runner's list; `left-out`: by the job's own; `private-address`: the
 * name leads into a private network; `not-a-tunnel`: it was not HTTPS.
 */
export const DeniedHost = z.object({
  host: z.string().max(ENTRY_MAX),
  port: z.int().min(0).max(65_535),
  why: z.enum(['not-listed', 'left-out', 'private-address', 'not-a-tunnel']),
  /** How often it was asked for. */
  count: z.int().positive(),
})
export type DeniedHost = z.infer<typeof DeniedHost>

/** Each host, port and reason once, with the counts added up; the first {@link DENIED_MAX} of them. */
export function summedDenied(denied: readonly DeniedHost[]): DeniedHost[] {
  const sums = new Map<string, DeniedHost>()
  for (const one of denied) {
    const key = `${one.host}:${one.port} ${one.why}`
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) })
  }
  return [...sums.values()].slice(0, DENIED_MAX)
}

/**
 * What a runner tells of its sandbox. `whole`: there is one. `processes`: a job's processes are held together, and see what the
 * runner can. `none`: not even that.
 */
export const RunnerSandboxState = z.object({
  mode: z.enum(SANDBOX_MODES),
  has: z.enum(['whole', 'processes', 'none']),
  /** Why there is none, or what of it is missing. */
  why: z.string().max(2_000).optional(),
})
export type RunnerSandboxState = z.infer<typeof RunnerSandboxState>

/** What the owner of a runner says of the sandbox: `SANDBOX` and the variables that begin with it. */
export interface SandboxSettings {
  readonly mode: SandboxMode
  /** Whether jobs may reach what the runner's own package managers fetch from. */
  readonly registries: boolean
  /** Further hosts that jobs may reach. */
  readonly hosts: readonly string[]
  /** Hosts that jobs may reach although their addresses are private. */
  readonly privateHosts: readonly string[]
  /** Absolute paths that are shown inside, read-only. */
  readonly read: readonly string[]
}

/** In `SANDBOX_HOSTS`: where the runner's own package managers fetch from. */
export const REGISTRIES_WORD = 'registries'
/** In `SANDBOX_HOSTS`: no host at all. */
export const NONE_WORD = 'none'

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

/** A list of hosts as a variable has it. */
export const HostList = z
  .string()
  .refine(
    (text) => words(text).length <= HOSTS_MAX && words(text).every((word) => AllowedHost.safeParse(word).success),
    `must be at most ${HOSTS_MAX} host names such as registry.example.com, *.example.com or registry.example.com:8443, with commas between`,
  )
  .transform((text) => words(text.toLowerCase()))

/** Absolute paths as a variable has them, with colons between. */
export const PathList = z
  .string()
  .refine((text) => text.split(':').every((path) => path.startsWith('/')), 'must be absolute paths with colons between')
  .transform((text) => text.split(':'))

/** The settings that these variables come to. */
export function sandboxSettings(given: {
  readonly SANDBOX: SandboxMode
  readonly SANDBOX_HOSTS?: readonly string[] | undefined
  readonly SANDBOX_PRIVATE_HOSTS?: readonly string[] | undefined
  readonly SANDBOX_READ?: readonly string[] | undefined
}): SandboxSettings {
  const hosts = given.SANDBOX_HOSTS ?? [REGISTRIES_WORD]
  return {
    mode: given.SANDBOX,
    registries: hosts.includes(REGISTRIES_WORD),
    hosts: hosts.filter((host) => host !== REGISTRIES_WORD && host !== NONE_WORD),
    privateHosts: given.SANDBOX_PRIVATE_HOSTS ?? [],
    read: given.SANDBOX_READ ?? [],
  }
}
