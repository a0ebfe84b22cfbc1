import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const TYPES = {
  'base.css': 'text/css; charset=utf-8',
  'lists.css': 'text/css; charset=utf-8',
  'run.css': 'text/css; charset=utf-8',
  'refresh.js': 'text/javascript; charset=utf-8',
  'agent-log.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const
const NAMES = ['base.css', 'lists.css', 'run.css', 'refresh.js', 'agent-log.js', 'icon.svg'] as const

export type AssetName = (typeof NAMES)[number]

/** The dashboard's own files; nothing is loaded from elsewhere. */
export interface Assets {
  /** Where a file is; the address changes with the content of any of them, so that it can be kept for ever. */
  pathOf(name: AssetName): string
  all: { path: string; type: string; body: string }[]
}

export function loadAssets(): Assets {
  const files = NAMES.map((name) => ({ name, body: readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8') }))
  const hash = createHash('sha256')
  for (const { body } of files) hash.update(body)
  const digest = hash.digest('hex').slice(0, 12)
  const pathOf = (name: AssetName) => `/assets/${digest}/${name}`
  return { pathOf, all: files.map(({ name, body }) => ({ path: pathOf(name), type: TYPES[name], body })) }
}
