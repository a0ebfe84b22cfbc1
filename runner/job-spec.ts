import { SwitchyardError } from '../src/contract/failure.ts'
import { JobSpec } from '../src/contract/job.ts'
import { isBranchName } from './git/refs.ts'
import { staysInside } from './workspace/leg-directory.ts'

/** Most faults of a malformed job that are named. */
const FAULTS_MAX = 10

/**
 * A queued job by the contract's schema. Throws a `SwitchyardError` of cause `dispatch` that names the path of each fault,
 * as in `legs.0.cloneUrl: Invalid URL`.
 */
export function parseJobSpec(data: unknown): JobSpec {
  const parsed = JobSpec.safeParse(data)
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, FAULTS_MAX).map((issue) => `${issue.path.join('.') || 'job'}: ${issue.message}`)
    throw refusal(`The job is malformed: ${faults.join('; ')}`)
  }
  const keys = new Set<string>()
  for (const [index, leg] of parsed.data.legs.entries()) {
    if (keys.has(leg.key)) throw refusal(`The job is malformed: legs.${index}.key: "${leg.key}" is there twice.`)
    keys.add(leg.key)
    if (leg.key.startsWith('.')) throw refusal(`The job is malformed: legs.${index}.key: "${leg.key}" cannot be a folder.`)
    if (leg.directory !== undefined && !staysInside(leg.directory)) {
      throw refusal(`The job is malformed: legs.${index}.directory: "${leg.directory}" is outside its repository.`)
    }
    for (const name of ['baseBranch', 'workBranch'] as const) {
      if (!isBranchName(leg[name]))
        throw refusal(`The job is malformed: legs.${index}.${name}: it cannot be the name of a branch.`)
    }
    if (leg.access === 'write' && parsed.data.mode === 'code' && leg.baseBranch === leg.workBranch) {
      throw refusal(`The job is malformed: legs.${index}.workBranch: it is the base branch.`)
    }
  }
  return parsed.data
}

/**
 * Refuses a job whose legs or whose app are on a host that is not allowed, before any token is asked for. An entry is a
 * host, with its port where that is not the scheme's own; a loopback entry without a port stands for every port. Plain
 * HTTP is only for loopback. Throws a `SwitchyardError` of cause `dispatch`.
 *
 * @param own the runner's own list, where it has one: both must allow
 */
export function checkHosts(spec: Pick<JobSpec, 'legs' | 'allowedHosts'>, appUrl: string, own?: readonly string[]): void {
  const lists = own === undefined ? [spec.allowedHosts] : [spec.allowedHosts, own]
  const allowed = (url: URL): boolean => lists.every((list) => list.some((entry) => matches(entry, url)))
  const app = new URL(appUrl)
  if (!allowed(app)) throw refusal(`The app's host ${app.host} is not among the allowed hosts.`)
  for (const [index, leg] of spec.legs.entries()) {
    const url = new URL(leg.cloneUrl)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
      throw refusal(`legs.${index}.cloneUrl: ${url.protocol} is not allowed; repositories are cloned over https.`)
    }
    if (url.username !== '' || url.password !== '') throw refusal(`legs.${index}.cloneUrl: it carries credentials.`)
    if (!allowed(url)) throw refusal(`legs.${index}.cloneUrl: the host ${url.host} is not among the allowed hosts.`)
  }
}

function matches(entry: string, url: URL): boolean {
  const wanted = entry.toLowerCase()
  return wanted === url.host || (wanted === url.hostname && isLoopback(url.hostname))
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function refusal(message: string): SwitchyardError {
  return new SwitchyardError({ cause: 'dispatch', message: message.slice(0, 2_000) })
}
