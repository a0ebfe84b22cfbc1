/** `npm run audit`: asks the registry for known holes in what is needed to run. Ends with 1 on high and critical ones. */
import process from 'node:process'
import { execa } from 'execa'
import { judgeAudit } from './judge-audit.ts'

/** How long the registry may take, in ms. */
const ASK_MS = 60_000

const asked = await execa('npm', ['audit', '--omit=dev', '--json'], { reject: false, timeout: ASK_MS, stdin: 'ignore' })
const { good, words } = judgeAudit(asked.timedOut ? '{"message":"no answer in time"}' : asked.stdout)
console.log(words)
process.exitCode = good ? 0 : 1
