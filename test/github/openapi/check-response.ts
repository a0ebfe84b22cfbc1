import type { Reply } from '../rest/registry.ts'
import type { World } from '../state/world.ts'

/** Holds an answer against GitHub's description, where the server was started with validation. Throws if told to. */
export function checkResponse(world: World, method: string, route: string, reply: Reply): void {
  if (world.validate === 'off' || world.validators === null) return
  const errors = world.validators.response(method, route, reply.status, reply.body)
  note(world, `${method} ${route} ${reply.status}`, errors)
}

export function note(world: World, what: string, errors: string[]): void {
  if (errors.length === 0) return
  world.violations.push({ what, errors })
  if (world.validate === 'throw') throw new Error(`${what}: ${errors.join('; ')}`)
}
