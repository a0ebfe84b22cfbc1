/** A run whose agent reported every trick of `hostile-report.ts`: what the App wrote everywhere because of it. */
import type { Task } from '../../e2e/task.ts'
import { once } from '../scene.ts'
import { yardOf } from './yard.ts'

export interface Posted {
  readonly task: Task
  /** Every comment, title, body and check run under the App's name, each by itself. */
  readonly texts: readonly string[]
  /** The run's page and the agent's log on the dashboard. */
  readonly page: string
  readonly log: string
}

export const postedOf = once(async (scene): Promise<Posted> => {
  const yard = await yardOf(scene)
  const task = yard.task({ title: 'A report full of tricks', label: 'switchyard:quickly' })
  const status = await task.until('ready')
  const seen = yard.github.inspect()
  const pulls = task.pulls('acme/solo')
  const own = (number: number) =>
    seen
      .comments('acme/solo', number)
      .flatMap(({ author, body }) => (author.user.login === yard.world.app.botLogin ? [body] : []))
  const texts = [
    ...own(task.number),
    ...pulls.flatMap(({ issue }) => [issue.title, issue.body ?? '', ...own(issue.number)]),
    ...pulls.flatMap(({ pull }) => seen.checks('acme/solo', pull.headSha)).map(({ output }) => JSON.stringify(output)),
  ]
  const run = /status run=(\w+)/.exec(status)?.[1] ?? ''
  const read = async (path: string) => (await fetch(`http://127.0.0.1:${yard.world.port}/runs/${run}${path}`)).text()
  return { task, texts, page: await read(''), log: await read('/log.txt') }
})
