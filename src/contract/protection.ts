/** What of a change a person lets through by the hash of exactly that part, before it is pushed. */
import picomatch from 'picomatch'
import { z } from 'zod'
import { AGENT_SETTINGS, PLACED_AGENT_SETTINGS } from './agent-settings.ts'

/** Workflows, code owners and Switchyard's own configuration are below `.github`; then what other services run by. */
const SERVICES = [
  '.github/**',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitlab-ci.yml',
  '.circleci/**',
  '.buildkite/**',
  '.woodpecker/**',
  '.{travis,drone,woodpecker}.{yml,yaml}',
  'azure-pipelines.{yml,yaml}',
  'bitbucket-pipelines.yml',
  'Jenkinsfile',
] as const

const below = (name: string): string[] => [`**/${name}`, `**/${name}/**`]

/**
 * Never changed without a person, whatever the configuration says: what GitHub, other services, Switchyard and coding
 * agents are told by.
 */
export const ALWAYS_PROTECTED: readonly string[] = [
  ...SERVICES,
  ...AGENT_SETTINGS.flatMap(below),
  ...PLACED_AGENT_SETTINGS.filter((place) => !place.startsWith('.github/')),
]

/** Files by which installing, opening or committing runs code: guarded like manifests. */
export const INSTALL_HOOKS: readonly string[] = [
  '**/{.npmrc,.yarnrc,.yarnrc.yml,bunfig.toml,binding.gyp,.gitmodules,.envrc,.pre-commit-config.yaml,pip.conf}',
  '**/{.pnpmfile,pnpmfile}.{cjs,js,mjs}',
  '**/.yarn/{plugins,releases}/**',
  '**/{.husky,.devcontainer,.mvn}/**',
  '**/{lefthook,.lefthook}.{yml,yaml,toml,json}',
  '**/.vscode/{tasks,settings,launch}.json',
  '**/.cargo/{config,config.toml}',
  '**/gradle/wrapper/**',
]

/** Most findings that are named one by one. */
const FINDINGS_MAX = 50

/** What a job may not push by itself. What is always protected comes on top. */
export const Protection = z.object({
  /** Globs of paths. */
  paths: z.array(z.string().max(500)).max(500).default([]),
  /** Whether install scripts, install hooks and new sources of packages are held. */
  manifests: z.boolean().default(true),
  /** Hashes of what people let through, as the runner told them. */
  allowed: z.array(z.string().max(100)).max(200).default([]),
})
export type Protection = z.infer<typeof Protection>

/** One reason why work is held. It never carries a secret's value. */
export const Finding = z.object({
  /** `own-secret`: a value that Switchyard itself works with; nobody can let that through. */
  kind: z.enum(['protected', 'manifest', 'secret', 'own-secret']),
  path: z.string().max(4_100),
  line: z.int().positive().optional(),
  /** What it is, in a few words. */
  what: z.string().max(300),
})
export type Finding = z.infer<typeof Finding>

/** The guarded part of held work. */
export const Guarded = z.object({
  /** Of exactly this part in this repository: who approves it lets this through and nothing else; null: nobody can. */
  hash: z.string().max(100).nullable(),
  findings: z.array(Finding).min(1).max(FINDINGS_MAX),
  /** Findings beyond those named. */
  more: z.int().nonnegative().default(0),
})
export type Guarded = z.infer<typeof Guarded>

/** The first few by name, the others by number; those that nobody can let through come first. */
export function namedFindings(all: readonly Finding[]): Pick<Guarded, 'findings' | 'more'> {
  const own = (finding: Finding): number => (finding.kind === 'own-secret' ? 0 : 1)
  const findings = all.toSorted((a, b) => own(a) - own(b)).slice(0, FINDINGS_MAX)
  return { findings, more: all.length - findings.length }
}

/** Whether a path matches one of the globs. Without case: on some systems `.GitHub` is the same folder. */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  return globs.length === 0 ? () => false : picomatch([...globs], { dot: true, nocase: true })
}
