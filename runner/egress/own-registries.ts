/**
 * Where this runner's own package managers fetch from: the hosts that sandboxed programs may reach unless the settings say
 * otherwise. They are asked instead of listed, so that a company's mirror takes the place of the public host everywhere.
 */
import { execa } from 'execa'
import { AllowedHost } from '../../src/contract/sandbox.ts'

/** How long one package manager may take to answer, in ms. */
const ASK_MS = 10_000

interface PackageManager {
  /** The program, and each way to ask it for its addresses; the first that yields one counts. What is not installed has none. */
  readonly file: string
  readonly ask: readonly (readonly string[])[]
  /** What it fetches from elsewhere where it fetches from its public host, and names nowhere. */
  readonly beside?: readonly string[]
}

const MANAGERS: readonly PackageManager[] = [
  { file: 'npm', ask: [['config', 'get', 'registry']] },
  // Its help names the index that it has from home.
  {
    file: 'pip',
    ask: [
      ['config', 'get', 'global.index-url'],
      ['download', '--help'],
    ],
    beside: ['files.pythonhosted.org'],
  },
  { file: 'go', ask: [['env', 'GOPROXY']], beside: ['sum.golang.org'] },
  { file: 'bundle', ask: [['config', 'get', 'mirror.all', '--parseable']] },
  { file: 'gem', ask: [['sources']], beside: ['index.rubygems.org'] },
]

/** The hosts, each once, as entries of an allow-list. Does not throw: a package manager without an answer names none. */
export async function ownRegistries(env: Env): Promise<string[]> {
  const hosts = await Promise.all(MANAGERS.map((manager) => hostsOf(manager, env)))
  return [...new Set(hosts.flat())]
}

/** The hosts of the https addresses in a text. */
export function hostsIn(text: string): string[] {
  return [...text.matchAll(/https:\/\/[^\s,|"']+/g)].flatMap(([address]) => {
    const host = URL.canParse(address) ? AllowedHost.safeParse(new URL(address).host) : null
    return host?.success === true ? [host.data] : []
  })
}

type Env = Readonly<Record<string, string | undefined>>

async function hostsOf({ file, ask, beside = [] }: PackageManager, env: Env): Promise<string[]> {
  const options = { env, extendEnv: false, stdin: 'ignore', reject: false, timeout: ASK_MS, cwd: '/' } as const
  for (const args of ask) {
    const { exitCode, stdout } = await execa(file, args, options)
    if (exitCode === 0 && stdout.includes('://')) return [...hostsIn(stdout), ...beside]
  }
  return []
}
