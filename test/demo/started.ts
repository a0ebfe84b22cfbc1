/** The demo's parts, started: the local GitHub with its world, and Switchyard in this process on its embedded store. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import pino from 'pino'
import type { RunningApp } from '../../src/app.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { startBoth } from '../../src/start.ts'
import { startLocalGitHub } from '../github/local-github.ts'
import type { Scenario } from './scenario.ts'
import { createWorld, type DemoWorld } from './world.ts'

export interface Started {
  /** Everything the demo writes is below it. */
  folder: string
  logFile: string
  world: DemoWorld
  app: RunningApp
  /** Stops both and, unless it is to be kept, takes the folder away. */
  stop(options: { keepFolder: boolean }): Promise<void>
}

/** What was started, as it happens. */
export type TellStart = (part: { what: string; detail: string; more?: string[] }) => void

export async function start(agent: 'scripted' | 'claude', scenario: Scenario, tell: TellStart): Promise<Started> {
  const folder = await mkdtemp(path.join(tmpdir(), 'switchyard-demo-'))
  const parts: { stop(): Promise<void> }[] = []
  const stop: Started['stop'] = async ({ keepFolder }) => {
    for (const part of parts.toReversed()) await part.stop()
    if (!keepFolder) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    // Whatever makes temporary files here, CI's checkouts too, makes them where they are taken away.
    process.env.TMPDIR = path.join(folder, 'tmp')
    await mkdir(process.env.TMPDIR)
    const github = await startLocalGitHub({ dataDir: path.join(folder, 'github') })
    parts.push(github)
    const { repositories, script } = scenario
    const world = await createWorld(github, { dataDir: folder, repositories, script })
    scenario.prepare?.(github)
    tell({ what: 'A GitHub is up', detail: github.url })
    const names = github.inspect().repositories()
    const made = names.length === 1 ? 'A repository is made' : `${names.length} repositories are made`
    tell({ what: made, detail: names.join(', ') })
    const logFile = path.join(folder, 'switchyard.log')
    const log = pino({ base: null }, pino.destination({ dest: logFile, sync: true }))
    const { AGENT_COMMAND, ...rest } = world.env
    const env = agent === 'claude' ? { ...rest, AGENT_RUNTIME: 'claude' } : { ...rest, AGENT_COMMAND }
    const app = await startBoth(readEnvironment(env), log)
    parts.push(app)
    const where = 'app and runner in this process, store and queue in PGlite'
    tell({ what: 'Switchyard is up', detail: where, more: [`it logs to ${logFile}`] })
    return { folder, logFile, world, app, stop }
  } catch (error) {
    await stop({ keepFolder: false })
    throw error
  }
}
