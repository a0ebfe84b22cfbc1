/** What a change is about, told from its paths alone: nobody's word is taken for it (CS-7). */
import picomatch from 'picomatch'
import type { LegResult } from '../contract/job.ts'
import { pathMatcher } from '../contract/protection.ts'
import type { LegChanges } from './model.ts'
import type { ChangeClass } from './run-settings.ts'

/** Globs by class, looked through in this order; what none of them knows is source. */
const PATTERNS: readonly (readonly [ChangeClass, readonly string[]])[] = [
  ['schema', ['**/migrations/**', '**/*.sql', '**/schema.prisma', '**/*.proto', '**/*.graphql', '**/openapi*.{json,yml,yaml}']],
  [
    'test',
    [
      '**/{test,tests,spec,specs,__tests__,__snapshots__,testdata}/**',
      '**/*{.,_,-}{test,spec}.*',
      '**/test_*.py',
      '**/*Test.java',
    ],
  ],
  [
    'dependency',
    [
      '**/{package.json,package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock}',
      '**/{Cargo.toml,Cargo.lock,go.mod,go.sum,Gemfile,Gemfile.lock,composer.json,composer.lock,poetry.lock,uv.lock,Pipfile.lock}',
      '**/{requirements*.txt,pyproject.toml,pom.xml,build.gradle,build.gradle.kts}',
    ],
  ],
  ['docs', ['**/*.{md,mdx,rst,adoc,txt}', '**/{doc,docs}/**', '**/{LICENSE,LICENCE,NOTICE,AUTHORS}*']],
  [
    'config',
    ['**/*.{yml,yaml,toml,ini,cfg,conf,env}', '**/.*', '**/.*/**', '**/{Dockerfile,Makefile}*', '**/*.config.*', '**/*.json'],
  ],
]

const OPTIONS = { dot: true } as const
const MATCHERS = PATTERNS.map(([name, globs]) => [name, picomatch([...globs], OPTIONS)] as const)

/** The class of one path. */
export function classOf(path: string): ChangeClass {
  return MATCHERS.find(([, matches]) => matches(path))?.[0] ?? 'source'
}

/** Those of the paths that are protected. */
export function protectedAmong(paths: readonly string[], protectedPaths: readonly string[]): string[] {
  return paths.filter(pathMatcher(protectedPaths))
}

/** Counts and classes of what a leg changes, and the protected paths among it. */
export function measure(files: LegResult['changedFiles'], protectedPaths: readonly string[]): Omit<LegChanges, 'head'> {
  const paths = files.map(({ path }) => path)
  return {
    files: files.length,
    lines: files.reduce((sum, { additions, deletions }) => sum + additions + deletions, 0),
    classes: [...new Set(paths.map(classOf))].toSorted(),
    // What was moved away is touched where it was, too.
    protectedPaths: protectedAmong([...new Set([...paths, ...files.flatMap(({ from }) => from ?? [])])], protectedPaths).slice(
      0,
      50,
    ),
  }
}
