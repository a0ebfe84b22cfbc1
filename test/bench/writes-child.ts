/** The demo, once, in a process of its own: it counts its time from the process's start. Says what it wrote to GitHub. */
import { Writable } from 'node:stream'
import { runDemo } from '../demo/demo.ts'
import { createScreen } from '../demo/screen.ts'
import { serveParent } from './child.ts'

/** When the demo gives up, in ms. */
const LIMIT_MS = 300_000

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const screen = createScreen(Object.assign(nowhere, { isTTY: false, columns: 100 }), {})
const options = { agent: 'scripted', pipeline: 'default', json: true, keep: false, limitMs: LIMIT_MS } as const
const { good, result, started } = await runDemo(options, screen, new AbortController().signal)
const { total, byRoute, pacedMs } = started.app.githubWrites()
await started.stop({ keepFolder: false })
if (!good) throw new Error(`the demo did not end well: ${result.error ?? ''}`)
serveParent(JSON.stringify({ total, byRoute: [...byRoute], pacedMs, seconds: result.seconds }))
