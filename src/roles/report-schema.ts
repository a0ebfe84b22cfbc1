import { z } from 'zod'
import { REQUIRED_FIELD, Report, type ReportShape } from '../contract/report.ts'

/** The JSON Schema of a report, from the contract itself, so that what an agent is told is what is checked. */
export function reportSchema(): string {
  return JSON.stringify(z.toJSONSchema(Report, { io: 'input', reused: 'ref' }))
}

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
} as const satisfies Record<ReportShape, object>
