/** One showing of the demo: signals, the JSON object, what stays up and what is taken away. */
import { once } from 'node:events'
import process from 'node:process'
import { type DemoEnd, runDemo } from './demo.ts'
import type { DemoOptions } from './options.ts'
import { createScreen, type Screen } from './screen.ts'

export async function play(options: DemoOptions): Promise<'good' | 'bad' | 'interrupted'> {
  const screen = createScreen(options.json ? process.stderr : process.stdout, process.env)
  const interrupt = interruption()
  const end = await runDemo(options, screen, interrupt.signal).catch((error: unknown) => {
    screen.status(null)
    process.stderr.write(`The demo broke off. ${error instanceof Error ? error.stack : String(error)}\n`)
    if (options.json) process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`)
    return null
  })
  if (end === null) {
    interrupt.dispose()
    return 'bad'
  }
  if (options.json) process.stdout.write(`${JSON.stringify(end.result)}\n`)
  const interrupted = interrupt.signal.aborted
  if (options.keep && !interrupted) {
    tellAddresses(screen, end)
    await once(interrupt.signal, 'abort')
  }
  // The folder of a demo that failed has the log.
  const keepFolder = options.keep || (!end.good && !interrupted)
  await end.started.stop({ keepFolder })
  interrupt.dispose()
  if (keepFolder) screen.text(screen.colours.dim(`What it wrote is in ${end.started.folder}`))
  return interrupted ? 'interrupted' : end.good ? 'good' : 'bad'
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function interruption(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, interrupt)
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, interrupt)
    },
  }
}

function tellAddresses(screen: Screen, { started, issueUrl }: DemoEnd): void {
  const { world, app } = started
  screen.text(`\n${screen.colours.bold('Everything stays up until Ctrl-C')}`)
  const addresses: [string, string][] = [
    ['Dashboard', `http://127.0.0.1:${app.port}/`],
    ['GitHub', world.github.url],
    ['Issue', issueUrl],
    ['Log', started.logFile],
  ]
  for (const [name, address] of addresses) screen.text(`  ${name.padEnd(10)} ${screen.colours.cyan(address)}`)
}
