import { z } from 'zod'
import { REQUIRED_FIELD, Report, ReportShape } from '../contract/report.ts'

/** The JSON Schema of a report of this shape, from the contract itself, so that what an agent is told is what is checked. */
export function reportSchema(shape: ReportShape, result?: object): string {
  const schema = SCHEMAS.get(shape) ?? schemaOf(shape)
  return result === undefined ? schema : `${schema}\n\nIts field \`result\` must meet this schema:\n\n${JSON.stringify(result)}`
}

function schemaOf(shape: ReportShape): string {
  const own = REQUIRED_FIELD[shape]
  const foreign = Object.values(REQUIRED_FIELD).filter((field) => field !== undefined && field !== own)
  const mask: Record<string, true> = Object.fromEntries(foreign.map((field) => [field, true]))
  const members = Report.options.map((option) => z.looseObject(without(option.shape, mask)))
  return JSON.stringify(z.toJSONSchema(z.union(members), { io: 'input', reused: 'ref' }))
}

function without(shape: Record<string, z.ZodType>, mask: Record<string, true>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).filter(([field]) => mask[field] === undefined))
}

/** One for each shape, made once: it takes as long as all else of a job's texts. */
const SCHEMAS: ReadonlyMap<ReportShape, string> = new Map(ReportShape.options.map((shape) => [shape, schemaOf(shape)]))

/** One sentence on the field that a report of this shape must carry. */
export function requiredSentence(shape: ReportShape): string {
  const field = REQUIRED_FIELD[shape]
  return field === undefined
    ? 'With `success` or `partial`, give `title`, `summary`, `checks` and `legs`.'
    : `With \`success\` or \`partial\`, the field \`${field}\` must be there: it is your result.`
}

/** A short, valid report of this shape (but for its nonce), as an example. */
export function exampleReport(shape: ReportShape): string {
  return JSON.stringify({ status: 'success', nonce: '(value of SWITCHYARD_NONCE)', ...EXAMPLES[shape] }, null, 2)
}

const EXAMPLES = {
  work: {
    title: 'Add a discount to items',
    summary: 'Items carry a discount in percent, and the price shown takes it into account.',
    checks: [{ command: 'npm test', ok: true }],
    legs: [{ repository: 'acme/api', notes: 'New field `discount`, validated to 0..100, and its tests.' }],
  },
  plan: {
    summary: 'The plan is ready.',
    plan: {
      summary: 'Add `discount` to items in the API, then show the reduced price in the storefront.',
      repositories: [{ repository: 'acme/api', role: 'provider', why: 'It owns items.' }],
      files: [{ repository: 'acme/api', path: 'src/items.js', change: 'Read, check and return `discount`.' }],
      risks: [],
      testPlan: ['npm test, with new cases for 0, 100 and 101 percent'],
      mergeOrder: ['acme/api'],
      openQuestions: [],
    },
  },
  verdict: {
    summary: 'Looked at both differences and ran both test suites.',
    verdict: {
      rating: 0.7,
      summary: 'Right in substance; a discount of more than 100 percent gives a negative price.',
      comments: [
        {
          body: 'Nothing keeps `discount` under 100, so the price can become negative. Refuse it here.',
          severity: 'high',
          repository: 'acme/api',
          path: 'src/items.js',
          line: 12,
        },
      ],
    },
  },
  estimate: {
    summary: 'A small change in one place that many callers depend on.',
    estimate: {
      complexity: { value: 0.3, why: 'One function and its tests.' },
      risk: { value: 0.6, why: 'Prices are computed from it, and no test covers discounts over 100 percent.' },
      impact: { value: 0.7, why: 'Every order passes through it.' },
    },
  },
  findings: {
    summary: 'Two things are open.',
    findings: {
      brief: 'Items get a discount in percent, 0 to 100. The storefront shows the reduced price beside the old one.',
      findings: [
        {
          kind: 'question',
          severity: 'high',
          text: 'May a discount be 100 percent, so that an item is free?',
          suggestion: 'Yes, 0 to 100 inclusive.',
        },
      ],
    },
  },
  diagnosis: {
    summary: 'Found: the cart adds the tax twice.',
    diagnosis: {
      cause: '`total()` adds the tax to prices that `items()` already returns with tax.',
      confidence: 0.9,
      evidence: [{ text: 'The tax is added a second time here.', repository: 'acme/api', path: 'src/cart.js', line: 31 }],
      reproduction: 'node -e "…" prints 1.44 for an item of 1.00 at 20 percent.',
      remedy: 'Take the tax out of `total()`, and add a test for a cart with one item.',
    },
  },
  artefact: {
    summary: 'The specification is written.',
    artefact: { title: 'Discounts', markdown: '## What it is\n\nItems carry a discount …' },
  },
  test: {
    summary: 'Works as asked; one case at the edge is not covered.',
    test: {
      greenlight: true,
      outcomes: [{ name: 'npm test in acme/api', ok: true }],
      concerns: [
        {
          text: 'A discount of 100 percent shows "NaN".',
          severity: 'high',
          repository: 'acme/storefront',
          path: 'src/price.js',
          line: 8,
        },
      ],
    },
  },
  regression: {
    summary: 'The error rate rose with this release, and the stack names the new code.',
    regression: {
      confidence: 0.8,
      recommendation: 'revert',
      evidence: [{ text: 'Every failing request goes through `discounted()`.', repository: 'acme/api', path: 'src/items.js' }],
    },
  },
  threads: {
    title: 'Refuse discounts over 100 percent',
    summary: 'Two conversations: one changed, one rebutted.',
    threads: [
      { thread: 'PRRT_1', outcome: 'changed', reply: 'Right: it is refused now, with a test.' },
      {
        thread: 'PRRT_2',
        outcome: 'rebutted',
        reply: 'It is called once per request, so caching would gain nothing: see `server.js:12`.',
      },
    ],
  },
  result: {
    summary: 'Looked at all callers; two of them are affected.',
    result: 'what the schema of `result` asks for',
  },
} as const satisfies Record<ReportShape, object>
