import type { Actor } from '../state/model.ts'
import type { RepositoryCall } from './registry.ts'

/** What an installation does, its App's bot does. */
export function actorOf(call: RepositoryCall): Actor {
  return { user: call.app.bot, app: call.app }
}
