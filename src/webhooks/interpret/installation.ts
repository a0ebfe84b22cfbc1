import { z } from 'zod'
import type { InstallationChangedIntent, Intent } from '../intents.ts'
import { Installation, type Interpreter, Sender } from './payload.ts'

const Repositories = z
  .array(
    z
      .object({ id: z.int().positive(), full_name: z.string() })
      .transform((each) => ({ id: each.id, fullName: each.full_name })),
  )
  .default([])

const Changed = z.object({
  action: z.enum(['created', 'deleted', 'suspend', 'unsuspend', 'new_permissions_accepted']),
  installation: Installation,
  repositories: Repositories,
  sender: Sender,
})

const WHAT = {
  created: 'created',
  deleted: 'deleted',
  suspend: 'suspended',
  unsuspend: 'unsuspended',
  new_permissions_accepted: 'permissions-accepted',
} as const satisfies Record<string, InstallationChangedIntent['what']>

/** `installation`: the App was installed, removed, suspended, or its new permissions accepted. */
export const interpretInstallation: Interpreter = (payload) => {
  const parsed = Changed.safeParse(payload)
  if (!parsed.success) return []
  const { action, installation, repositories, sender } = parsed.data
  return [{ type: 'installation-changed', installationId: installation.id, what: WHAT[action], repositories, actor: sender }]
}

const Repositoried = z.object({
  action: z.enum(['added', 'removed']),
  installation: Installation,
  repositories_added: Repositories,
  repositories_removed: Repositories,
  sender: Sender,
})

/** `installation_repositories`: repositories were given to the App, or taken away. */
export const interpretInstallationRepositories: Interpreter = (payload) => {
  const parsed = Repositoried.safeParse(payload)
  if (!parsed.success) return []
  const { installation, repositories_added, repositories_removed, sender } = parsed.data
  const of = (what: InstallationChangedIntent['what'], repositories: { id: number; fullName: string }[]): Intent[] =>
    repositories.length === 0
      ? []
      : [{ type: 'installation-changed', installationId: installation.id, what, repositories, actor: sender }]
  return [...of('repositories-added', repositories_added), ...of('repositories-removed', repositories_removed)]
}
