/** The app's internal API, asked by who is not a runner, and by a runner that wants more than its job. */
import type { Attack, Topic } from '../attack.ts'
import { type AtWork, atWorkOf, jobPath } from '../stages/internal-api.ts'
import { postedOf } from '../stages/posted.ts'
import { secretOf } from '../stages/webhook.ts'

const SECRET = 'Every request must carry the runners’ secret, compared in constant time; an agent has it nowhere.'
const OF_ITS_JOB = 'A start may have tokens for the repositories of its own job only, to do what that job may.'

interface Answer {
  readonly status: number
  readonly text: string
}

/** Requests that must all be refused. */
function refused(name: string, how: string, stopped: string, ask: (at: AtWork) => Promise<readonly Answer[]>): Attack {
  return {
    name,
    how,
    stopped,
    told: 'asker',
    async attempt(scene) {
      const at = await atWorkOf(scene)
      const answers = await ask(at)
      const got = answers
        .filter(({ status, text }) => (status < 400 && !/"go":false/.test(text)) || /ghs_|"token"/.test(text))
        .map(({ status, text }) => `${status} ${text.slice(0, 100)}`)
      return { got, stopped: answers.map(({ status }) => status).join(', '), told: answers.map(({ text }) => text).join(' ') }
    },
  }
}

const token = (repositoryId: number, start = 1, operation = 'push') => ({ repositoryId, operation, start })
const idOf = ({ yard }: AtWork, name: string) => yard.github.inspect().repository(name).id
const all = (asks: readonly Promise<Answer>[]) => Promise.all(asks)

export const internalApi: Topic = {
  title: 'The app’s internal API',
  attacks: [
    refused(
      'a token for nobody',
      'A push token is asked for without a secret, with guesses, and with the secret of webhooks.',
      SECRET,
      (at) =>
        all(
          [null, '', 'guess', secretOf(at.yard), `${at.yard.app.secret}x`].map((secret) =>
            at.ask(jobPath(at.job, 'token'), token(idOf(at, 'acme/solo')), secret),
          ),
        ),
    ),
    refused('a result from nobody', 'A job’s end is told without the secret.', SECRET, (at) =>
      all([at.ask(jobPath(at.job, 'result'), { start: 1, result: {} }, null)]),
    ),
    refused(
      'a repository that is not the job’s',
      'A runner asks for a token for another repository of the installation.',
      OF_ITS_JOB,
      (at) =>
        all([
          at.ask(jobPath(at.job, 'token'), token(idOf(at, 'acme/strict'))),
          at.ask(jobPath(at.job, 'token'), token(999_999_999)),
        ]),
    ),
    refused(
      'a token for an older start',
      'A runner that was given up asks with its old start, and with one to come.',
      'Only the job’s current start is answered.',
      (at) =>
        all([
          at.ask(jobPath(at.job, 'token'), token(idOf(at, 'acme/solo'), 2)),
          at.ask(jobPath(at.job, 'token'), token(idOf(at, 'acme/solo'), 99)),
        ]),
    ),
    refused(
      'an operation that does not exist',
      '`admin` and `write:all` in place of `fetch` and `push`.',
      'Requests are read by a schema; nothing else is understood.',
      (at) =>
        all(
          ['admin', 'write:all', ''].map((operation) =>
            at.ask(jobPath(at.job, 'token'), token(idOf(at, 'acme/solo'), 1, operation)),
          ),
        ),
    ),
    refused(
      'jobs that are paths',
      '`../`, encoded slashes and empty names in place of a job’s id.',
      'An id has a shape, and a job is looked up by nothing else.',
      (at) =>
        all(
          ['..%2f..%2fetc', '%2e%2e', 'x', `${at.job}%00`, at.job.toUpperCase()].map((job) =>
            at.ask(jobPath(job, 'token'), token(1)),
          ),
        ),
    ),
    refused(
      'a result for another start',
      'The job’s end is told by a start that is not the current one.',
      'A result counts once, and for the current start only.',
      (at) => all([at.ask(jobPath(at.job, 'result'), { start: 7, result: resultOf(at) })]),
    ),
    {
      name: 'a job that is over',
      how: 'The secret in hand, a start and a token are asked for a job that has ended.',
      stopped: 'What is over neither starts again nor gets a token.',
      told: 'asker',
      async attempt(scene) {
        const at = await atWorkOf(scene)
        const { task } = await postedOf(scene)
        const run = /status run=(\w+)/.exec(task.statusComment()?.body ?? '')?.[1] ?? ''
        const job = `${run}-code-1`
        const started = await at.ask(jobPath(job, 'start'), { runner: 'thief' })
        const asked = await at.ask(jobPath(job, 'token'), token(idOf(at, 'acme/solo')))
        const got = [...(started.text.includes('"go":true') ? ['a start'] : []), ...(asked.status < 400 ? ['a token'] : [])]
        return { got, stopped: `${started.text} ${asked.status}`, told: asked.text }
      },
    },
    {
      name: 'pushing by itself',
      how: 'The agent’s clone knows its remote; it is asked without a token, with a made-up one, and with the token of the model.',
      stopped: 'An agent has no token of GitHub’s, in any form; GitHub refuses.',
      told: 'asker',
      async attempt(scene) {
        const { yard } = await atWorkOf(scene)
        const path = '/acme/solo.git/info/refs?service=git-receive-pack'
        const as = (password: string) => ({
          authorization: `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`,
        })
        const answers = await Promise.all(
          [{}, as('guess'), as('ghs_0123456789abcdef0123456789abcdef0123')].map((headers) =>
            fetch(`${yard.github.url}${path}`, { headers }),
          ),
        )
        const got = answers.filter(({ ok }) => ok).map(() => 'the right to push')
        return { got, stopped: answers.map(({ status }) => status).join(', '), told: (await answers[0]?.text()) ?? null }
      },
    },
  ],
}

function resultOf({ job }: AtWork) {
  const now = new Date().toISOString()
  return {
    status: 'finished',
    report: { status: 'success', summary: `forged for ${job}`, nonce: 'x' },
    legs: [],
    usage: {},
    notes: [],
    startedAt: now,
    endedAt: now,
  }
}
