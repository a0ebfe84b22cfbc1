/** The part of `.github/switchyard.yml` that says what the sandbox of its jobs must hold back; it can only tighten. */
import { z } from 'zod'
import { AllowedHost, HOSTS_MAX, type JobSandbox } from '../contract/sandbox.ts'

export const SandboxFile = z
  .literal('required', 'can only be `required`; who runs Switchyard decides about the rest')
  .describe(
    '`required`: the jobs of this repository are done in a sandbox or not at all, also by a runner that could do without.',
  )
export type SandboxFile = z.infer<typeof SandboxFile>

export const NetworkFile = z
  .strictObject({
    hosts: z
      .array(AllowedHost)
      .max(HOSTS_MAX)
      .optional()
      .describe(
        'Hosts that jobs may reach by HTTPS, as `host`, `host:port` or `*.domain`: only these, of those that who runs Switchyard permits (`SANDBOX_HOSTS`). An empty list: none. Left out: all that is permitted.',
      ),
  })
  .describe('What agents and validation commands may reach from their sandbox, beside the model.')
export type NetworkFile = z.infer<typeof NetworkFile>

/** What both come to in a job. */
export function jobSandbox(sandbox: SandboxFile | undefined, { hosts }: NetworkFile): JobSandbox {
  return { required: sandbox === 'required', ...(hosts === undefined ? {} : { hosts }) }
}

/** Of two lists what both permit, so that nobody takes back what somebody else holds back. */
export function narrowedNetwork(under: NetworkFile, over: NetworkFile): NetworkFile {
  if (under.hosts === undefined) return over
  if (over.hosts === undefined) return under
  const [a, b] = [under.hosts, over.hosts]
  const both = [
    ...a.filter((host) => b.some((other) => covers(other, host))),
    ...b.filter((host) => a.some((other) => covers(other, host))),
  ]
  return { hosts: [...new Set(both)] }
}

/** Whether every host that the second entry stands for is one of the first's. */
function covers(entry: string, other: string): boolean {
  const [name = '', port = '443'] = entry.split(':')
  const [otherName = '', otherPort = '443'] = other.split(':')
  if (port !== otherPort) return false
  return name === otherName || (name.startsWith('*.') && otherName.endsWith(name.slice(1)))
}
