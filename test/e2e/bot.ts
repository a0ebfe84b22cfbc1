import { App, Octokit } from 'octokit'
import { findComment } from '../github/state/comments.ts'
import type { Comment } from '../github/state/model.ts'
import type { Yard } from './harness.ts'

/** Another App's bot on the same repositories. */
export interface Bot {
  comment(repository: string, number: number, body: string): Promise<Comment>
  label(repository: string, number: number, label: string): Promise<void>
}

export async function startBot({ github }: Yard): Promise<Bot> {
  const created = github.createApp({
    name: 'Other App',
    webhookUrl: 'http://127.0.0.1:9/',
    webhookSecret: 'unused',
    permissions: { issues: 'write', metadata: 'read' },
    events: [],
  })
  const { installationId } = github.install(created.appId, { account: 'acme', repositories: 'all' })
  const app = new App({
    appId: created.appId,
    privateKey: created.privateKey,
    Octokit: Octokit.defaults({ baseUrl: github.apiUrl }),
  })
  const octokit = await app.getInstallationOctokit(installationId)
  const parts = (name: string) => {
    const [owner = '', repo = ''] = name.split('/')
    return { owner, repo }
  }
  return {
    async comment(repository, number, body) {
      const { data } = await octokit.rest.issues.createComment({ ...parts(repository), issue_number: number, body })
      return findComment(github.inspect().repository(repository), data.id)
    },
    async label(repository, number, label) {
      await octokit.rest.issues.addLabels({ ...parts(repository), issue_number: number, labels: [label] })
    },
  }
}
