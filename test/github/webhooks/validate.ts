/** Holds webhook payloads against the schemas that Octokit publishes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { note } from '../openapi/check-response.ts'
import { type Checker, compileChecker } from '../openapi/compile-checker.ts'
import type { World } from '../state/world.ts'

export interface WebhookValidator {
  /** What is wrong with a payload, in words; empty when nothing is. */
  validateWebhook(event: string, action: string | null, payload: unknown): string[]
}

interface WebhookDescription {
  webhooks: Record<string, { post: { requestBody: { content: Record<string, { schema: { $ref: string } }> } } }>
  components: { schemas: Record<string, unknown> }
}

export function createWebhookValidator(): WebhookValidator {
  const main = createRequire(import.meta.url).resolve('@octokit/openapi-webhooks')
  const description: WebhookDescription = JSON.parse(
    readFileSync(new URL('generated/api.github.com.json', `file://${main}`), 'utf8'),
  )
  const checkers = new Map<string, Checker>()
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    inlineRefs: false,
    code: { optimize: false },
    logger: false,
  })
  ajv.addSchema({ $id: 'hooks', components: description.components })

  return {
    validateWebhook(event, action, payload) {
      const name = [event, ...(action === null ? [] : [action])].join('-').replaceAll('_', '-')
      const known = description.webhooks[name]
      if (!known) return [`no webhook is called ${name}`]
      const { $ref } = known.post.requestBody.content['application/json']?.schema ?? { $ref: '' }
      const checker = checkers.get(name) ?? compileChecker(ajv, { $ref: `hooks${$ref}` })
      checkers.set(name, checker)
      return checker(payload)
    },
  }
}

/** Holds a payload against its published schema, where the server was started with validation. Throws if told to. */
export function checkWebhook(world: World, event: string, action: string | null, payload: Record<string, unknown>): void {
  if (world.validate === 'off' || world.validators === null) return
  const errors = world.validators.webhook(event, action, payload)
  note(world, `webhook ${event}${action === null ? '' : `.${action}`}`, errors)
}
