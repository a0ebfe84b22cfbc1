/**
 * Where this runner's own package managers fetch from: the hosts that sandboxed programs may reach unless the settings say
 * otherwise. They are asked instead of listed, so that a company's mirror takes the place of the public host everywhere.
 */
import { execa } from 'execa'
import { AllowedHost } from '../../src/contract/sandbox.ts'

/** How long one package manager may take to answer, in ms. */
const ASK_MS = 10_000

/** How each package manager tells its addresses. What is not installed has none. */
const QUESTIONS: readonly (readonly [file: string, ...args: string[]])[] = [
  ['npm', 'config', 'get', 'registry'],
  ['pip', 'config', 'get', 'global.index-url'],
  ['go', 'env', 'GOPROXY'],
  ['bundle', 'config', 'get', 'mirror.all', '--parseable'],
]

/** The hosts, each once, as entries of an allow-list. Does not throw: a package manager without an answer names none. */
export async function ownRegistries(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const answers = await Promise.all(QUESTIONS.map(([file, ...args]) => ask(file, args, env)))
  return [...new Set(answers.flatMap(hostsIn))]
}

/** The hosts of the https addresses in a text. */
export function hostsIn(text: string): string[] {
  return [...text.matchAll(/https:\/\/[^\s,|"']+/g)].flatMap(([address]) => {
    const host = URL.canParse(address) ? AllowedHost.safeParse(new URL(address).host) : null
    return host?.success === true ? [host.data] : []
  })
}

async function ask(file: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const asked = await execa(file, args, { env, extendEnv: false, stdin: 'ignore', reject: false, timeout: ASK_MS, cwd: '/' })
  return asked.exitCode === 0 ? asked.stdout : ''
}
