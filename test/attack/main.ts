/**
 * `npm run attack`: tries every attack against the real thing on this machine, and says what came of it. Ends with 1 when
 * any got what it wanted, or was not shown to be stopped. `-- --json` prints one JSON object, `-- --only WORDS` tries those
 * whose topic or name has the words in it.
 */
import process from 'node:process'
import { Command } from 'commander'
import { isGood } from './attack.ts'
import { runSuite } from './suite.ts'
import { summaryOf, tableOf } from './table.ts'
import { TOPICS } from './topics/registry.ts'

const options = new Command('npm run attack --')
  .description('Attacks Switchyard on this machine; nothing outside it is touched.')
  .option('--json', 'one JSON object instead of a table')
  .option('--only <words>', 'those whose topic or name has these words in it')
  .parse()
  .opts<{ json?: boolean; only?: string }>()

const wanted = (options.only ?? '').toLowerCase()
const topics = TOPICS.map((topic) => ({
  ...topic,
  attacks: topic.attacks.filter(({ name }) => `${topic.title} ${name}`.toLowerCase().includes(wanted)),
})).filter(({ attacks }) => attacks.length > 0)
const live = process.stderr.isTTY && options.json !== true
const total = topics.flatMap(({ attacks }) => attacks).length
const begun = performance.now()
let tried = 0
const outcomes = await runSuite(topics, () => {
  tried += 1
  if (live) process.stderr.write(`\r${tried} of ${total}`)
})
if (live) process.stderr.write('\r\u001b[K')
const seconds = Math.round((performance.now() - begun) / 1_000)
console.log(
  options.json === true
    ? JSON.stringify({ summary: summaryOf(outcomes), seconds, outcomes }, null, 2)
    : `${tableOf(outcomes)} ${seconds} s.`,
)
const bad = outcomes.some((outcome) => !isGood(outcome, process.env.CI === 'true'))
process.exit(bad || outcomes.length === 0 ? 1 : 0)
