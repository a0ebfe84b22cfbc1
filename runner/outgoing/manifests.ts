/**
 * What makes installing a project run other code than before: install scripts, packages that do not come from where they
 * came from, packages that newly have install scripts. Everything else of a manifest is reviewed like any file.
 */
import path from 'node:path'
import { z } from 'zod'

/** npm runs these of the project itself when it installs; `dependencies` after each change of what is installed. */
const INSTALL_SCRIPTS = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
  'dependencies',
  'pnpm:devPreinstall',
]
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides', 'resolutions']
/** An address, or a repository of GitHub, in place of a version. */
const ELSEWHERE = /^(?:git|https?|ssh|github|gitlab|bitbucket|gist)[+:]|^git@|^[\w.-]+\/[\w.-]+(?:#|$)|:\/\//
/** Files of which whole lines say where packages come from. */
const SOURCES =
  /^(?:requirements.*\.txt|(?:yarn|pnpm-lock|bun|Cargo|poetry|uv|Gemfile|Pipfile|composer)(?:-lock)?\.(?:lock|yaml)|Gemfile\.lock|Pipfile|Gemfile|Cargo\.toml|pyproject\.toml|go\.mod)$/
const SOURCE_LINE = /\b(?:url|resolved|tarball|source|registry|remote|index|index-url|git|find-links)\b|@ |=>|^\s*-[if-]/
const ADDRESS = /(?:\b[a-z][a-z+.-]{1,12}:\/\/|\bgit@)(?:[^\s/"'@]{1,200}@)?([\w.-]{1,253})/g

/** One thing that a manifest newly says: in words, and exactly. */
export interface ManifestChange {
  readonly what: string
  readonly exactly: string
}

/** Whether a path is a manifest or a lock file that is looked into. */
export function isManifest(file: string): boolean {
  const name = path.posix.basename(file)
  return name === 'package.json' || isNpmLock(name) || SOURCES.test(name)
}

function isNpmLock(name: string): boolean {
  return name === 'package-lock.json' || name === 'npm-shrinkwrap.json'
}

/** What `after` says that `before` did not; null: there is no such file. */
export function manifestChanges(file: string, before: string | null, after: string | null): ManifestChange[] {
  if (after === null) return []
  const name = path.posix.basename(file)
  const said = name === 'package.json' ? ofPackage : isNpmLock(name) ? ofNpmLock : ofSources
  const known = new Set((before === null ? [] : said(before)).map(({ exactly }) => exactly))
  return said(after).filter(({ exactly }) => !known.has(exactly))
}

const Texts = z.record(z.string(), z.unknown()).catch({})
const Json = z.string().transform((text, context) => {
  try {
    return Texts.parse(JSON.parse(text.replace(/^\uFEFF/, '')))
  } catch {
    context.addIssue({ code: 'custom', message: 'no JSON' })
    return z.NEVER
  }
})

function said(what: string, ...exactly: unknown[]): ManifestChange {
  return { what, exactly: JSON.stringify(exactly) }
}

/** Who reads it may be more lenient than we are. */
function unreadable(text: string): ManifestChange[] {
  return [said('cannot be read as JSON', text)]
}

function ofPackage(text: string): ManifestChange[] {
  const { data } = Json.safeParse(text)
  if (data === undefined) return unreadable(text)
  const scripts = Texts.parse(data.scripts)
  const pnpm = Texts.parse(data.pnpm)
  const builds = [data.trustedDependencies, pnpm.onlyBuiltDependencies, pnpm.dangerouslyAllowAllBuilds, data.allowScripts]
  return [
    ...INSTALL_SCRIPTS.flatMap((name) =>
      scripts[name] === undefined ? [] : [said(`install script "${name}"`, 'script', name, scripts[name])],
    ),
    ...[data, pnpm].flatMap((where) =>
      DEPENDENCIES.flatMap((section) => elsewhere(where[section], 0)).map(([name, version]) =>
        said(`package "${name.slice(0, 100)}" from an address`, 'elsewhere', name, version),
      ),
    ),
    ...builds.flatMap((list) => (list === undefined ? [] : [said('packages that may run install scripts', 'builds', list)])),
    ...(typeof data.packageManager === 'string' && data.packageManager.includes('://')
      ? [said('package manager from an address', 'packageManager', data.packageManager)]
      : []),
  ]
}

/** Overrides can lie within one another. */
const DEPTH_MAX = 10

function elsewhere(section: unknown, depth: number): [name: string, version: string][] {
  return Object.entries(Texts.parse(section)).flatMap(([name, version]): [string, string][] => {
    if (typeof version !== 'string') return depth < DEPTH_MAX ? elsewhere(version, depth + 1) : []
    return ELSEWHERE.test(version) ? [[name, version]] : []
  })
}

function ofNpmLock(text: string): ManifestChange[] {
  const { data } = Json.safeParse(text)
  if (data === undefined) return unreadable(text)
  const entries = [...Object.entries(Texts.parse(data.packages)), ...older(data.dependencies, 0)]
  return [
    ...new Map(
      entries
        .flatMap(([name, entry]) => {
          const { resolved, hasInstallScript } = Texts.parse(entry)
          const script = hasInstallScript === true ? [said(`install script of ${shownPackage(name)}`, 'runs', name)] : []
          return [...script, ...(typeof resolved === 'string' ? hostsOf(resolved) : [])]
        })
        .map((each) => [each.exactly, each]),
    ).values(),
  ]
}

/** Lock files of npm 6 and before nest their packages. */
function older(dependencies: unknown, depth: number): [string, unknown][] {
  return Object.entries(Texts.parse(dependencies)).flatMap(([name, entry]) => [
    [name, entry],
    ...(depth < DEPTH_MAX ? older(Texts.parse(entry).dependencies, depth + 1) : []),
  ])
}

function shownPackage(name: string): string {
  return (name.split('node_modules/').at(-1) || 'the project').slice(0, 100)
}

function hostsOf(text: string): ManifestChange[] {
  return [...text.matchAll(ADDRESS)].map(([, host = '']) =>
    said(`packages from ${host.toLowerCase()}`, 'host', host.toLowerCase()),
  )
}

function ofSources(text: string): ManifestChange[] {
  const lines = text.split(/\r?\n/).filter((line) => SOURCE_LINE.test(line))
  const replaced = lines
    .filter((line) => line.includes('=>'))
    .map((line) => said('a module in place of another', 'replace', line))
  return [...new Map([...lines.flatMap(hostsOf), ...replaced].map((each) => [each.exactly, each])).values()]
}
