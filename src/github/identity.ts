import { ask } from './errors.ts'
import type { Octokit } from './octokit.ts'

/** Who the App is. Its bot account is what comments, merges and pushes. */
export interface Identity {
  appId: number
  slug: string
  /** `slug[bot]` */
  botLogin: string
  botId: number
}

/** Asks GitHub for the App and its bot account. */
export async function lookUpIdentity(github: {
  app: Octokit
  installation(id: number): Promise<Octokit>
  anonymous(): Octokit
}): Promise<Identity> {
  const { data } = await ask('read the App', () => github.app.rest.apps.getAuthenticated())
  if (data === null) throw new Error('GitHub answered nothing for the App')
  const slug = data.slug ?? ''
  const botLogin = `${slug}[bot]`
  // The App itself may not read users; any installation may, and where there is none yet the page is public.
  const installations = await ask('list installations', () => github.app.rest.apps.listInstallations({ per_page: 1 }))
  const first = installations.data[0]
  const reader = first === undefined ? github.anonymous() : await github.installation(first.id)
  const bot = await ask(`read the account ${botLogin}`, () => reader.rest.users.getByUsername({ username: botLogin }))
  return { appId: data.id, slug, botLogin, botId: bot.data.id }
}

/** Whether this account is the App's own bot. */
export function isOwnAccount(account: { id: number } | null | undefined, identity: { botId: number }): boolean {
  return account?.id === identity.botId
}
