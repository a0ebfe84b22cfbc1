/** A local GitHub for programs that only need one to start, and folders that go away again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createWorld } from '../demo/world.ts'
import { startLocalGitHub } from '../github/local-github.ts'

export interface Scene {
  privateKey: string
  webhookSecret: string
  /** What the programs are started with; where store and queue are is to be added. */
  env: Record<string, string>
  /** A new folder. */
  folder(): Promise<string>
  close(): Promise<void>
}

export async function openScene(): Promise<Scene> {
  const root = await mkdtemp(path.join(tmpdir(), 'switchyard-bench-'))
  const github = await startLocalGitHub({ ci: false, dataDir: path.join(root, 'github') })
  const { env } = await createWorld(github, { dataDir: root, repositories: [] })
  return {
    privateKey: env.PRIVATE_KEY ?? '',
    webhookSecret: env.WEBHOOK_SECRET ?? '',
    env,
    folder: () => mkdtemp(path.join(root, 'folder-')),
    async close() {
      await github.stop()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
