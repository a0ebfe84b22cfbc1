/**
 * Credentials for private package registries: named by the runner's owner in a file on the runner, never by a repository,
 * a job or the queue. A job gets them only if every one of its repositories is listed, as an `.npmrc` in its private home,
 * which is taken away when the job ends. What it runs can read them: see docs/package-registries.md.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { SwitchyardError } from '../src/contract/failure.ts'
import { FullName } from '../src/contract/ids.ts'
import type { JobLeg, JobSpec } from '../src/contract/job.ts'
import type { Redactor } from '../src/contract/redact.ts'

/** The environment variable with the path of the file. */
export const REGISTRIES_FILE = 'PACKAGE_REGISTRIES_FILE'
/** Most registries that the file may have. */
const REGISTRIES_MAX = 50

const Registry = z
  .strictObject({
    /** Packages of this scope come from the registry. */
    scope: z.string().regex(/^@[a-z0-9][a-z0-9._-]*$/, 'must be a scope, such as "@acme"'),
    registry: z.url({ protocol: /^https?$/, error: 'must be the http or https address of the registry' }),
    tokenEnv: z.string().min(1).exactOptional(),
    tokenFile: z.string().min(1).exactOptional(),
    /** Whose jobs get it, as `owner/name`. */
    repositories: z.array(FullName).min(1).max(1_000),
  })
  .refine(({ tokenEnv, tokenFile }) => (tokenEnv === undefined) !== (tokenFile === undefined), {
    path: ['tokenEnv'],
    error: 'needs one of `tokenEnv` (the name of an environment variable of the runner) and `tokenFile` (a path)',
  })
const File = z.array(Registry).max(REGISTRIES_MAX)

/** A registry with where its token is; the token itself is read for each job, so that it can be changed. */
export type PackageRegistry = z.infer<typeof Registry>
type Env = Readonly<Record<string, string | undefined>>

/** The registries of the runner's file; none where the variable is not set. Throws a `SwitchyardError` of cause `config`. */
export async function readRegistries(env: Env): Promise<readonly PackageRegistry[]> {
  const file = env[REGISTRIES_FILE]
  if (file === undefined || file === '') return []
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fault(`${REGISTRIES_FILE}: ${file} cannot be read. Name a file that the runner can read, or leave it out.`, error)
  })
  const parsed = File.safeParse(parsedJson(content))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw fault(`${REGISTRIES_FILE}: ${file} is not good at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}`)
}

/** Those that a job may have: every one of its repositories is listed, since its agent can carry from one into another. */
export function registriesFor(
  registries: readonly PackageRegistry[],
  legs: readonly Pick<JobLeg, 'repository'>[],
): PackageRegistry[] {
  return registries.filter(({ repositories }) => {
    const listed = new Set(repositories.map((name) => name.toLowerCase()))
    return legs.every(({ repository }) => listed.has(repository.toLowerCase()))
  })
}

/**
 * Writes the `.npmrc` of a job's home, or removes one that an earlier job left, and gives the tokens in it, to be redacted.
 * Throws a `SwitchyardError` of cause `config` that names the variable or the file without a token.
 */
export async function writeNpmrc(registries: readonly PackageRegistry[], home: string, env: Env): Promise<string[]> {
  const file = path.join(home, '.npmrc')
  // A new file: what an agent put in its place (a link) is not written through.
  await removeNpmrc(home)
  if (registries.length === 0) return []
  const tokens = await Promise.all(registries.map((registry) => tokenOf(registry, env)))
  const lines = registries.flatMap(({ scope, registry }, index) => {
    const url = new URL(registry)
    const place = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`
    return [`${scope}:registry=${url.origin}${place}`, `//${url.host}${place}:_authToken=${tokens[index]}`]
  })
  await mkdir(home, { recursive: true, mode: 0o700 })
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(`${lines.join('\n')}\n`)
  } finally {
    await handle.close()
  }
  return tokens
}

/** Gives a job's fresh home the credentials that the job may have, and has their tokens redacted. */
export async function giveCredentials(
  from: { readonly registries?: readonly PackageRegistry[]; readonly env: Env },
  job: { readonly spec: Pick<JobSpec, 'legs' | 'sandbox'>; readonly home: string; readonly redactor: Redactor },
): Promise<void> {
  const { legs, sandbox } = job.spec
  // What looks at foreign code may reach no registry, and so needs no credentials for one.
  const registries = sandbox.hosts?.length === 0 ? [] : registriesFor(from.registries ?? [], legs)
  for (const token of await writeNpmrc(registries, job.home, from.env)) job.redactor.register(token)
}

/** Takes the credentials of a job that has ended away from its home, which is kept for the session in it. */
export async function removeNpmrc(home: string): Promise<void> {
  await rm(path.join(home, '.npmrc'), { recursive: true, force: true })
}

async function tokenOf({ tokenEnv, tokenFile, registry }: PackageRegistry, env: Env): Promise<string> {
  const from = tokenEnv === undefined ? `the file ${tokenFile}` : `the variable ${tokenEnv}`
  const token = tokenEnv === undefined ? await readFile(tokenFile ?? '', 'utf8').catch(() => '') : (env[tokenEnv] ?? '')
  if (/^[\x21-\x7e]+$/.test(token.trim())) return token.trim()
  throw fault(`There is no token for ${registry} in ${from} of this runner. Set it, or take the registry out of its file.`)
}

function fault(message: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError({ cause: 'config', message: message.slice(0, 2_000) }, { cause })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
