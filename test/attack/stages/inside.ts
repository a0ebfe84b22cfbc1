/** A job in the sandbox whose agent is a list of probes: each is a script that tries something, and keeps what it got. */
import { createServer } from 'node:http'
import process from 'node:process'
import { z } from 'zod'
import { openRunnerSandbox, type RunnerSandbox } from '../../../runner/sandbox/runner-sandbox.ts'
import type { JobResult } from '../../../src/contract/job.ts'
import { sandboxSettings } from '../../../src/contract/sandbox.ts'
import { FAKE_SECRET } from '../../runner/fake-app.ts'
import { openWorkshop } from '../../runner/workshop.ts'
import { TEST_TOKEN } from '../../support/git-server.ts'
import { NotHereError } from '../attack.ts'
import type { Opened } from '../scene.ts'
import { furnish, type Host } from './host.ts'
import { CANARY } from './job.ts'

const BRANCH = 'switchyard/run1'
/** Longest time for one probe, in s. */
const PROBE_S = 20
/** The real key of the vendor, in the runner's environment. */
const VENDOR_KEY = 'vendor-key-in-the-runner-13579'
/** What no probe may come to know. */
export const SECRETS: readonly string[] = [CANARY, TEST_TOKEN, FAKE_SECRET, VENDOR_KEY]

/** Makes the script of a probe; it runs in the checkout, by `sh`, and what it prints is kept. */
export type Probe = (host: Host) => string

export interface Inside {
  readonly host: Host
  readonly result: JobResult
  /** What each probe printed, by name. */
  readonly printed: ReadonlyMap<string, string>
  /** Everything that the app was told. */
  readonly told: string
}

/** Has an agent in a sandbox do all of them, one after the other, and then report that all went well. */
export async function openInside(
  probes: Readonly<Record<string, Probe>>,
  change: (sandbox: Exclude<RunnerSandbox, { host: null }>) => RunnerSandbox = (sandbox) => sandbox,
): Promise<Opened<Inside>> {
  const shop = await openWorkshop()
  const host = await furnish(shop)
  const vendor = createServer((_, response) => response.end('{}'))
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    vendor.close()
    await host.close()
    await shop.close()
  }
  try {
    const { port } = z.object({ port: z.number() }).parse(vendor.address())
    const env = { ...process.env, ANTHROPIC_API_KEY: VENDOR_KEY, ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`, CANARY }
    const { log } = await shop.deps()
    const settings = sandboxSettings({ SANDBOX: 'auto', SANDBOX_HOSTS: ['listed.test'] })
    const sandbox = await openRunnerSandbox(settings, { dataDir: shop.dataDir, env, registries: [], log })
    if (sandbox.host === null) throw new NotHereError(`no sandbox here: ${sandbox.why}`)
    const names = Object.keys(probes)
    const scripts = Object.values(probes).map((probe, at) => [`probes/${at}.sh`, `${probe(host)}\n`])
    await shop.repository('acme/api', { 'README.md': '#\n', 'attack.sh': driver(names.length), ...Object.fromEntries(scripts) })
    const runtime = { name: 'command', command: ['sh', 'attack.sh'] }
    const { result } = await shop.run(shop.spec([shop.leg('acme/api')], [], { runtime }), { sandbox: change(sandbox), env })
    const printed = await Promise.all(
      names.map(
        async (name, at) => [name, await shop.git('acme/api', 'show', `${BRANCH}:out/${at}.txt`).catch(() => '')] as const,
      ),
    )
    const told = JSON.stringify([shop.app.results, shop.app.progress])
    return { stage: { host, result, printed: new Map(printed), told }, close }
  } catch (error) {
    await close()
    throw error
  }
}

function driver(count: number): string {
  return `exec 9>&1
mkdir -p out
at=0
while [ $at -lt ${count} ]; do
  { echo TRIED; timeout ${PROBE_S} sh probes/$at.sh; } > out/$at.txt 2>&1 < /dev/null
  at=$((at+1))
done
# What it may have is no harm, and would hold the push.
sed -i "s/$SWITCHYARD_GATEWAY_TOKEN/the-token-of-this-job/g; s/$SWITCHYARD_NONCE/the-nonce/g" out/*
git add -A && git commit -qm 'What was got'
printf '{"nonce":"%s","status":"success","summary":"Tried everything."}' "$SWITCHYARD_NONCE" > "$SWITCHYARD_REPORT_FILE"
`
}
