/** The three repositories of the demo, with real code and real tests: a provider, its consumer, and one that stays untouched. */
import type { NewRepository } from '../github/state/repositories.ts'

const collaborators = { mona: 'admin', hubot: 'write', rita: 'read' } as const

export const API: NewRepository = {
  owner: 'acme',
  name: 'api',
  description: 'The catalogue of items, over HTTP',
  collaborators,
  files: {
    'README.md': '# acme/api\n\nThe catalogue of items: `GET /items`.\n',
    'package.json': '{ "name": "@acme/api", "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
    'src/catalogue.mjs': `/** What we sell. Prices are in cents. */
export const CATALOGUE = [
  { id: 'kettle', name: 'Kettle', cents: 2500 },
  { id: 'teapot', name: 'Teapot', cents: 4000 },
]
`,
    'src/items.mjs': `import { CATALOGUE } from './catalogue.mjs'

/** An item as the API answers it. */
export function itemOf({ id, name, cents }) {
  return { id, name, cents }
}

export function listItems() {
  return CATALOGUE.map(itemOf)
}
`,
    'src/server.mjs': `import { createServer } from 'node:http'
import { listItems } from './items.mjs'

/** The API as a server that listens on a free port. */
export function startApi() {
  const server = createServer((request, response) => {
    if (request.url !== '/items') return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(listItems()))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ url: \`http://127.0.0.1:\${server.address().port}\`, close: () => server.close() }))
  })
}
`,
    'test/items.test.mjs': `import assert from 'node:assert/strict'
import test from 'node:test'
import { listItems } from '../src/items.mjs'

test('every item has an id, a name and a price', () => {
  for (const item of listItems()) {
    assert.match(item.id, /^[a-z]+$/)
    assert.ok(item.name.length > 0)
    assert.ok(Number.isInteger(item.cents))
  }
})
`,
    '.github/workflows/ci.yml':
      'on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm test\n',
    '.github/switchyard.yml': `# How Switchyard works on this repository.
version: 1
peers:
  - repository: acme/storefront
    role: consumer
  - repository: acme/docs
    role: consumer
merge:
  by: auto
  method: merge
`,
  },
}

export const STOREFRONT: NewRepository = {
  owner: 'acme',
  name: 'storefront',
  description: 'What customers see',
  collaborators,
  ci: [{ name: 'test', command: ['node', '--test'], needs: ['acme/api'] }],
  files: {
    'README.md': '# acme/storefront\n\nShows what acme/api sells.\n',
    'package.json': '{ "name": "@acme/storefront", "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
    'src/price.mjs': `/** A price as customers read it: 25.00 */
export function priceTag(item) {
  return (item.cents / 100).toFixed(2)
}
`,
    'src/page.mjs': `import { priceTag } from './price.mjs'

/** The list of items, one line each, as fetched from the API at this address. */
export async function itemLines(apiUrl) {
  const items = await (await fetch(\`\${apiUrl}/items\`)).json()
  return items.map((item) => \`\${item.name}: \${priceTag(item)}\`)
}
`,
    'test/support/api.mjs': `import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The API beside this checkout: CI puts it at ../api, an agent's workspace at ../acme__api. */
export async function startApi() {
  const root = ['../api', '../acme__api'].map((path) => join(import.meta.dirname, '../..', path)).find(existsSync)
  if (root === undefined) throw new Error('acme/api is not checked out beside this repository')
  return (await import(join(root, 'src/server.mjs'))).startApi()
}
`,
    'test/page.test.mjs': `import assert from 'node:assert/strict'
import test from 'node:test'
import { itemLines } from '../src/page.mjs'
import { startApi } from './support/api.mjs'

test('the page lists what the API sells, with prices', async () => {
  const api = await startApi()
  try {
    const lines = await itemLines(api.url)
    assert.ok(lines.includes('Kettle: 25.00'))
  } finally {
    api.close()
  }
})
`,
    '.github/workflows/ci.yml':
      'on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm test\n',
  },
}

export const DOCS: NewRepository = {
  owner: 'acme',
  name: 'docs',
  description: 'How we work',
  collaborators,
  files: {
    'README.md': '# acme/docs\n\n- [How we price](pricing.md)\n',
    'pricing.md': '# How we price\n\nPrices are kept in cents and shown with two decimals.\n',
    'package.json': '{ "name": "@acme/docs", "private": true, "type": "module", "scripts": { "test": "node --test" } }\n',
    'test/links.test.mjs': `import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import test from 'node:test'

test('every link of the README leads somewhere', () => {
  for (const [, path] of readFileSync('README.md', 'utf8').matchAll(/\\]\\(([^)]+)\\)/g)) assert.ok(existsSync(path), path)
})
`,
    '.github/workflows/ci.yml':
      'on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm test\n',
  },
}
