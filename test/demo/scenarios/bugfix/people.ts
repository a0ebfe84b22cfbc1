/** What people do in the pipeline `bugfix`: mona answers, hubot changes main in between, and reviews. */
import { activeStep } from '../../../../src/pipeline/state.ts'
import { git } from '../../../github/state/git.ts'
import type { PullIssue } from '../../../github/state/pulls.ts'
import { shortSha } from '../../github-lines.ts'
import type { Act, Scene } from '../../scenario.ts'
import { changelog, OTHER_ENTRY, REPOSITORY } from './repository.ts'
import { ANSWER, REMARK, REMARKED_LINE } from './script.ts'

export const ASKED = 'mona'
export const REVIEWER = 'hubot'

/** Mona answers the question as one answers on GitHub: quotes it, and writes below it. */
const answer: Act = async ({ github, issue, botId }) => {
  const { repository, number } = issue
  const comments = github.inspect().comments(repository, number)
  const question = comments
    .filter(({ author, body }) => author.user.id === botId && body.includes('switchyard:questions'))
    .flatMap(({ body }) => body.split('\n').filter((line) => line.startsWith('- [ ]') && line.includes('**Q1**')))[0]
  if (question === undefined) return null
  const asked = question.replace(/ ?<!--.*$/, '')
  github.as(ASKED).comment(repository, number, `> ${asked}\n\n${ANSWER}\n`)
  const where = `${repository}#${number}`
  return [
    { mark: 'note', what: 'One question is open', where, more: [asked.replace(/^- \[ \] /, '').replaceAll('**', '')] },
    { mark: 'person', what: `${ASKED} quotes it and answers`, where, detail: `“${ANSWER}”` },
  ]
}

/** While the coder's second attempt is graded, hubot changes main at the very place that the coder has changed. */
const changeMain: Act = async ({ github, run }) => {
  if (!run.steps.some(({ kind, epoch }) => kind === 'companion' && epoch > 1)) return null
  const files = { 'CHANGELOG.md': changelog(OTHER_ENTRY) }
  const commit = await github.as(REVIEWER).push(REPOSITORY, 'main', files, 'Say how to start the API')
  const detail = `${shortSha(commit)} adds a line to CHANGELOG.md, at the place where the fix has added one`
  return [{ mark: 'person', what: `${REVIEWER} pushes to main`, where: REPOSITORY, detail }]
}

function thePull({ github }: Scene): PullIssue | undefined {
  return github.inspect().pulls(REPOSITORY)[0]
}

const isReviewed = ({ run }: Scene) => activeStep(run)?.kind === 'review'

/** Hubot requests changes, with a remark at a line of the fix. */
const review: Act = async (scene) => {
  const found = thePull(scene)
  if (found === undefined || !isReviewed(scene)) return null
  const { issue, pull } = found
  const { dir } = scene.github.inspect().repository(REPOSITORY)
  const text = await git(dir, ['show', `${pull.headSha}:src/server.mjs`])
  const line = text.split('\n').indexOf(REMARKED_LINE) + 1
  if (line === 0) return null
  await scene.github.as(REVIEWER).review(REPOSITORY, issue.number, {
    event: 'REQUEST_CHANGES',
    comments: [{ path: 'src/server.mjs', line, body: REMARK }],
  })
  const where = `${REPOSITORY}#${issue.number}`
  return [{ mark: 'person', what: `${REVIEWER} requests changes`, where, detail: `src/server.mjs:${line}`, more: [REMARK] }]
}

/** Once the conversation is answered and resolved, hubot approves the commit that answers it. */
const approve: Act = async (scene) => {
  const found = thePull(scene)
  if (found === undefined || !isReviewed(scene)) return null
  const { issue, pull } = found
  const [thread] = pull.threads
  const reply = thread?.comments.find(({ author }) => author.user.id === scene.botId)
  if (thread === undefined || reply === undefined || !thread.resolved) return null
  await scene.github.as(REVIEWER).review(REPOSITORY, issue.number, { event: 'APPROVE' })
  const where = `${REPOSITORY}#${issue.number}`
  return [
    { mark: 'done', what: 'Answered and resolved', where, detail: `“${visible(reply.body)}”` },
    { mark: 'person', what: `${REVIEWER} approves`, where, detail: shortSha(pull.headSha) },
  ]
}

/** The first line that people see of a comment: markers are hidden. */
function visible(body: string): string {
  return body.split('\n').find((line) => line.trim() !== '' && !line.startsWith('<!--')) ?? ''
}

export const ACTS: readonly Act[] = [answer, changeMain, review, approve]
