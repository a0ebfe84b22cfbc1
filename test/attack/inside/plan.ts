/** Attacks of one job in the sandbox: each a probe among others, judged by what it printed and what it changed. */
import process from 'node:process'
import type { RunnerSandbox } from '../../../runner/sandbox/runner-sandbox.ts'
import type { Attack } from '../attack.ts'
import { stage } from '../scene.ts'
import { type Inside, openInside, type Probe, SECRETS } from '../stages/inside.ts'

/** How much of what a probe printed is shown, in characters. */
const SHOWN = 400

export interface Plan extends Omit<Attack, 'attempt'> {
  readonly probe: Probe
  /** What it got beside secrets and lines that begin with GOT. */
  readonly harm?: (inside: Inside, printed: string) => Promise<readonly string[]> | readonly string[]
  readonly says?: (inside: Inside, printed: string) => string | null
}

/** The attacks of one job, which is done once, whichever is tried first. */
export function attacksOf(
  plans: readonly Plan[],
  change?: (sandbox: Exclude<RunnerSandbox, { host: null }>) => RunnerSandbox,
): Attack[] {
  const probes = Object.fromEntries(plans.map(({ name, probe }) => [name, probe]))
  const insideOf = stage(() => openInside(probes, change))
  return plans.map(({ probe: _, harm = () => [], says = () => null, ...attack }) => ({
    ...attack,
    async attempt(scene) {
      const inside = await insideOf(scene)
      const printed = inside.printed.get(attack.name) ?? ''
      const got = [
        ...SECRETS.filter((secret) => printed.includes(secret)).map(() => 'a secret'),
        ...printed.split('\n').filter((line) => line.startsWith('GOT')),
        ...(await harm(inside, printed)),
      ]
      return { got, stopped: wasTried(inside, printed) ? printed.slice(0, SHOWN) : '', told: says(inside, printed) }
    },
  }))
}

/** A probe that was refused says so, or what it got; one that printed nothing never ran. */
function wasTried({ result }: Inside, printed: string): boolean {
  return printed.startsWith('TRIED') && printed.trim() !== 'TRIED' && result.status === 'finished'
}

/** A line for Node: the runner's own, which is there inside, as others may not know of proxies. */
export function node(script: string): string {
  return `${process.execPath} -e '${script}'`
}

/** Asks for a page; past the proxy unless the variables before it say otherwise. */
export function get(address: string, env = 'NODE_USE_ENV_PROXY='): string {
  return `${env} ${node(`fetch("${address}").then(async (r) => console.log(r.ok ? "GOT" : "refused", r.status, await r.text()), (e) => console.log("no", e.cause?.code ?? e.message))`)}`
}

/** For {@link get}: by way of the proxy, whatever the address. */
export const PROXIED_ENV = 'NO_PROXY= no_proxy='

/** Connects, and says what comes. */
export function connect(options: string): string {
  return node(
    `require("net").connect(${options}).on("data", (d) => console.log("GOT", String(d))).on("error", (e) => console.log("no", e.code))`,
  )
}
