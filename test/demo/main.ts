/** `npm run demo`: the main job on this machine alone. See `options.ts` for what it can be told. */
import process from 'node:process'
import { claudeMissing } from './agent-ready.ts'
import { cleanEnvironment } from './clean-environment.ts'
import { HELP, parseOptions } from './options.ts'

/** As a shell counts a wrong command line, and a program that Ctrl-C ended. */
const EXIT = { good: 0, bad: 1, usage: 2, interrupted: 130 } as const

process.exitCode = await main()

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2))
  if (parsed.kind === 'help') {
    process.stdout.write(HELP)
    return EXIT.good
  }
  if (parsed.kind === 'wrong') {
    process.stderr.write(`${parsed.why}\n\n${HELP}`)
    return EXIT.usage
  }
  const { options } = parsed
  cleanEnvironment(process.env, options.agent)
  const missing = options.agent === 'claude' ? await claudeMissing(process.env) : null
  if (missing !== null) {
    process.stderr.write(`${missing}\n`)
    return EXIT.usage
  }
  // Only now, since libraries read the environment when they are loaded.
  const { play } = await import('./play.ts')
  const end = await play(options)
  return EXIT[end]
}
