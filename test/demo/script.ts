/**
 * What the scripted agent does in the demo, role by role. It makes a mistake on purpose (the storefront reads the wrong
 * field), so that CI turns red, a fixer has something to mend, and the companion something to say. Which call it is
 * follows from the files in the workspace, so that a job repeated after a crash does the same again.
 */
import type { AgentScriptInput } from '../agents/agent-script.ts'

const API = 'acme__api'
const STOREFRONT = 'acme__storefront'

export const ISSUE = {
  title: 'Add a discount to items',
  body: `Some items are on sale. \`GET /items\` should say by how many percent an item is discounted (\`discountPercent\`), and
the storefront should show the discounted price.

The teapot is 25 % off this week.
`,
} as const

const PLAN = {
  summary:
    'The API answers `discountPercent` for every item (0 where there is none). The storefront takes it off the price it shows.',
  repositories: [
    { repository: 'acme/api', role: 'provider', why: 'It answers items and must say their discount.' },
    { repository: 'acme/storefront', role: 'consumer', why: 'It shows prices and must take the discount off.' },
  ],
  files: [
    { repository: 'acme/api', path: 'src/catalogue.mjs', change: 'the teapot gets its discount' },
    { repository: 'acme/api', path: 'src/items.mjs', change: 'answer discountPercent, 0 by default' },
    { repository: 'acme/api', path: 'test/discount.test.mjs', change: 'new' },
    { repository: 'acme/storefront', path: 'src/price.mjs', change: 'take the discount off' },
    { repository: 'acme/storefront', path: 'test/discount.test.mjs', change: 'new' },
  ],
  risks: ['The storefront must be merged after the API: it reads a field that the API does not answer today.'],
  testPlan: ['Unit tests in both repositories', 'The storefront is tested against the API of the same branch'],
  mergeOrder: ['acme/api', 'acme/storefront'],
  openQuestions: [],
}

const ITEMS = `import { CATALOGUE } from './catalogue.mjs'

/** An item as the API answers it; \`discountPercent\` is 0 where there is none. */
export function itemOf({ id, name, cents, discountPercent = 0 }) {
  return { id, name, cents, discountPercent }
}

export function listItems() {
  return CATALOGUE.map(itemOf)
}
`

const ITEMS_WITH_LIMITS = ITEMS.replace(
  `export function itemOf({ id, name, cents, discountPercent = 0 }) {
`,
  `export function itemOf({ id, name, cents, discountPercent = 0 }) {
  if (!(discountPercent >= 0 && discountPercent <= 100)) throw new RangeError(\`\${id}: a discount of \${discountPercent} %\`)
`,
)

const PRICE = (field: string) => `/** A price as customers read it, the discount taken off: 25.00 */
export function priceTag(item) {
  const cents = Math.round((item.cents * (100 - (item.${field} ?? 0))) / 100)
  return (cents / 100).toFixed(2)
}
`

const API_TEST = `import assert from 'node:assert/strict'
import test from 'node:test'
import { listItems } from '../src/items.mjs'

test('items say their discount', () => {
  const discounts = Object.fromEntries(listItems().map((item) => [item.id, item.discountPercent]))
  assert.deepEqual(discounts, { kettle: 0, teapot: 25 })
})
`

const STOREFRONT_TEST = `import assert from 'node:assert/strict'
import test from 'node:test'
import { itemLines } from '../src/page.mjs'
import { startApi } from './support/api.mjs'

test('the discount is taken off the price', async () => {
  const api = await startApi()
  try {
    const lines = await itemLines(api.url)
    assert.ok(lines.includes('Teapot: 30.00'), lines.join(', '))
  } finally {
    api.close()
  }
})
`

const PRICE_TEST = `import assert from 'node:assert/strict'
import test from 'node:test'
import { priceTag } from '../src/price.mjs'

test('half cents are rounded', () => {
  assert.equal(priceTag({ cents: 333, discountPercent: 50 }), '1.67')
})
`

const LIMITS_TEST = `import assert from 'node:assert/strict'
import test from 'node:test'
import { itemOf } from '../src/items.mjs'

test('a discount outside 0 to 100 is refused', () => {
  for (const discountPercent of [-1, 101, Number.NaN]) {
    assert.throws(() => itemOf({ id: 'kettle', name: 'Kettle', cents: 2500, discountPercent }), RangeError)
  }
})
`

/** Written by the fixer: tells later calls that CI was red once. */
const FIXED = `${STOREFRONT}/test/price.test.mjs`
/** Written by the rework: tells later calls that the companion's remark was taken up. */
const REWORKED = `${API}/test/limits.test.mjs`

const tool = (name: string, detail: string) => [
  { do: 'emit' as const, event: { type: 'tool-start' as const, id: `${name}-${detail}`, name, detail } },
  { do: 'emit' as const, event: { type: 'tool-end' as const, id: `${name}-${detail}`, ok: true, detail } },
]
const say = (text: string) => ({ do: 'emit' as const, event: { type: 'text' as const, text } })

export const DEMO_SCRIPT: AgentScriptInput = {
  calls: [
    {
      when: { role: 'planner' },
      actions: [
        say('Reading the three repositories.'),
        ...tool('read', `${API}/src/items.mjs`),
        ...tool('read', `${STOREFRONT}/src/price.mjs`),
        { do: 'report', report: { status: 'success', summary: PLAN.summary, plan: PLAN } },
      ],
    },
    {
      when: { role: 'coder', fileExists: FIXED },
      actions: [
        say('Taking up the review: discounts outside 0 to 100 are refused.'),
        ...tool('write', `${API}/src/items.mjs`),
        { do: 'write', in: API, path: 'src/items.mjs', content: ITEMS_WITH_LIMITS },
        { do: 'write', in: API, path: 'test/limits.test.mjs', content: LIMITS_TEST },
        ...tool('run', 'node --test'),
        { do: 'run', in: API, argv: ['node', '--test'] },
        { do: 'commit', in: API, message: 'Refuse discounts outside 0 to 100' },
        {
          do: 'report',
          report: {
            status: 'success',
            title: 'Add a discount to items',
            summary: `${PLAN.summary} Discounts outside 0 to 100 are refused.`,
            checks: [{ command: 'node --test (acme/api)', ok: true }],
          },
        },
      ],
    },
    {
      when: { role: 'coder' },
      actions: [
        say('Adding the discount to the API, then taking it off in the storefront.'),
        ...tool('edit', `${API}/src/catalogue.mjs`),
        {
          do: 'replace',
          in: API,
          path: 'src/catalogue.mjs',
          from: "name: 'Teapot', cents: 4000 }",
          to: "name: 'Teapot', cents: 4000, discountPercent: 25 }",
        },
        { do: 'write', in: API, path: 'src/items.mjs', content: ITEMS },
        { do: 'write', in: API, path: 'test/discount.test.mjs', content: API_TEST },
        ...tool('run', 'node --test'),
        { do: 'run', in: API, argv: ['node', '--test'] },
        { do: 'commit', in: API, message: 'Answer the discount of an item' },
        ...tool('write', `${STOREFRONT}/src/price.mjs`),
        { do: 'write', in: STOREFRONT, path: 'src/price.mjs', content: PRICE('discount') },
        { do: 'write', in: STOREFRONT, path: 'test/discount.test.mjs', content: STOREFRONT_TEST },
        { do: 'commit', in: STOREFRONT, message: 'Take the discount off the price' },
        {
          do: 'report',
          report: {
            status: 'success',
            title: 'Add a discount to items',
            summary: PLAN.summary,
            checks: [{ command: 'node --test (acme/api)', ok: true }],
          },
        },
      ],
    },
    {
      when: { role: 'fixer' },
      actions: [
        say('The storefront reads `discount`, but the API answers `discountPercent`.'),
        ...tool('edit', `${STOREFRONT}/src/price.mjs`),
        { do: 'write', in: STOREFRONT, path: 'src/price.mjs', content: PRICE('discountPercent') },
        { do: 'write', in: STOREFRONT, path: 'test/price.test.mjs', content: PRICE_TEST },
        ...tool('run', 'node --test'),
        { do: 'run', in: STOREFRONT, argv: ['node', '--test'] },
        { do: 'commit', in: STOREFRONT, message: 'Read the field that the API answers' },
        {
          do: 'report',
          report: {
            status: 'success',
            summary: 'The storefront read `discount`; the API answers `discountPercent`.',
            checks: [{ command: 'node --test (acme/storefront)', ok: true }],
          },
        },
      ],
    },
    {
      when: { role: 'reviewer', fileExists: REWORKED },
      actions: [
        {
          do: 'report',
          report: {
            status: 'success',
            summary: 'The remark was taken up.',
            verdict: { rating: 0.95, summary: 'Discounts outside 0 to 100 are refused now, with a test. Good.', comments: [] },
          },
        },
      ],
    },
    {
      when: { role: 'reviewer', fileExists: FIXED },
      actions: [
        say('The fix is right. But nothing keeps a discount of 120 % out of the API.'),
        {
          do: 'report',
          report: {
            status: 'success',
            summary: 'One remark.',
            verdict: {
              rating: 0.6,
              summary: 'The fix is right, but a discount is taken as it comes.',
              comments: [
                {
                  repository: 'acme/api',
                  path: 'src/items.mjs',
                  line: 4,
                  severity: 'high',
                  body: 'A discount below 0 or above 100 would give a negative or a raised price. Refuse it here.',
                },
              ],
            },
          },
        },
      ],
    },
    {
      when: { role: 'reviewer' },
      actions: [
        ...tool('read', `${API}/src/items.mjs`),
        ...tool('read', `${STOREFRONT}/src/price.mjs`),
        {
          do: 'report',
          report: {
            status: 'success',
            summary: 'Nothing to add.',
            verdict: { rating: 0.86, summary: 'Small, clear, tested in both repositories.', comments: [] },
          },
        },
      ],
    },
  ],
}
