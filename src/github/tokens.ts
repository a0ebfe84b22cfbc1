import { ask } from './errors.ts'
import type { Octokit } from './octokit.ts'

/** A token for git, for one repository; GitHub ends it after an hour. */
export interface RepositoryToken {
  token: string
  /** ISO 8601 */
  expiresAt: string
}

/**
 * Makes a token that can do one thing in one repository: fetch (`read`) or push (`write`).
 * Not taken from octokit's cache: a cached one could have been revoked.
 *
 * @param app the App's own client
 * @see https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export async function mintToken(
  app: Octokit,
  wanted: { installationId: number; repositoryId: number; contents: 'read' | 'write' },
): Promise<RepositoryToken> {
  return ask(`make a token for repository ${wanted.repositoryId}`, async () => {
    const { data } = await app.rest.apps.createInstallationAccessToken({
      installation_id: wanted.installationId,
      repository_ids: [wanted.repositoryId],
      permissions: { contents: wanted.contents, metadata: 'read' },
    })
    return { token: data.token, expiresAt: data.expires_at }
  })
}

/** Ends a token now. One that has ended already is fine. */
export async function revokeToken(withToken: (token: string) => Octokit, token: string): Promise<void> {
  await ask('revoke a token', async () => {
    const octokit = withToken(token)
    await octokit.request('DELETE /installation/token', {}).catch((error: unknown) => {
      if (typeof error === 'object' && error !== null && 'status' in error && error.status === 401) return
      throw error
    })
  })
}
