/** Plain pages, so that the links in comments lead somewhere a person can read. */
import { commentsOf } from './state/comments.ts'
import { latestRuns } from './state/mergeability.ts'
import { fullName, type Issue, type Repository } from './state/model.ts'
import { findRepository, type World } from './state/world.ts'

/** Null when there is no such page. */
export function renderPage(world: World, path: string): Response | null {
  const log = /^\/_logs\/(\d+)\/(\d+)$/.exec(path)
  if (log) return logPage(world, Number(log[1]), Number(log[2]))
  if (path === '/')
    return html('Local GitHub', [...world.repositories.values()].map((one) => row(`/${fullName(one)}`, fullName(one))).join(''))
  const [, owner, name, kind, number] = path.split('/')
  const repository = findRepository(world, `${owner}/${name}`)
  if (!repository) return null
  if (kind === undefined) return repositoryPage(repository)
  if (kind === 'actions' || kind === 'runs') return checkPage(repository, Number(path.split('/').at(-1)))
  const issue = repository.issues.get(Number(number))
  return issue && (kind === 'issues' || kind === 'pull') ? issuePage(repository, issue) : null
}

function logPage(world: World, repositoryId: number, runId: number): Response | null {
  const repository = [...world.repositories.values()].find((one) => one.id === repositoryId)
  const log = repository?.checkRuns.get(runId)?.log
  return log === null || log === undefined
    ? null
    : new Response(log, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

function repositoryPage(repository: Repository): Response {
  const rows = [...repository.issues.values()]
    .reverse()
    .map((issue) => row(linkOf(repository, issue), `#${issue.number} ${issue.title} (${stateOf(issue)})`))
  return html(fullName(repository), rows.join(''))
}

function issuePage(repository: Repository, issue: Issue): Response {
  const { pull } = issue
  const labels = [...issue.labels].map((label) => `<span class="label">${escapeHtml(label.name)}</span>`).join(' ')
  const branch = pull
    ? `<p>${escapeHtml(pull.headRef)} into ${escapeHtml(pull.baseRef)} at <code>${pull.headSha.slice(0, 7)}</code></p>`
    : ''
  const runs = pull ? latestRuns([...repository.checkRuns.values()].filter((run) => run.headSha === pull.headSha)) : []
  const checks = runs.map(
    (run) => `<li>${escapeHtml(run.name)}: ${run.conclusion ?? run.status} ${escapeHtml(run.output.title ?? '')}</li>`,
  )
  const comments = commentsOf(repository, issue).map((one) => article(one.author.user.login, one.createdAt, one.body))
  const reviews = pull
    ? pull.reviews.map((one) => article(`${one.author.user.login} ${one.state}`, one.submittedAt, one.body))
    : []
  return html(
    `${issue.title} #${issue.number}`,
    `<p>${row(`/${fullName(repository)}`, fullName(repository))} ${stateOf(issue)} ${labels}</p>${branch}
    ${article(issue.author.user.login, issue.createdAt, issue.body ?? '')}${comments.join('')}${reviews.join('')}
    ${checks.length > 0 ? `<h2>Checks</h2><ul>${checks.join('')}</ul>` : ''}`,
  )
}

function checkPage(repository: Repository, id: number): Response | null {
  const run = repository.checkRuns.get(id)
  if (!run) return null
  const text = [run.output.summary, run.output.text].filter((part) => part !== null).join('\n\n')
  return html(
    `${run.name}: ${run.conclusion ?? run.status}`,
    `<p>${escapeHtml(run.output.title ?? '')}</p><pre>${escapeHtml(text)}</pre><pre>${escapeHtml(run.log ?? '')}</pre>`,
  )
}

function linkOf(repository: Repository, issue: Issue): string {
  return `/${fullName(repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`
}

function stateOf(issue: Issue): string {
  return issue.pull?.merged ? 'merged' : issue.pull?.draft && issue.state === 'open' ? 'draft' : issue.state
}

function row(href: string, text: string): string {
  return `<p><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></p>`
}

function article(who: string, when: string, body: string): string {
  return `<article><header>${escapeHtml(who)} <time>${when}</time></header><pre>${escapeHtml(body)}</pre></article>`
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
article{border:1px solid #8884;border-radius:6px;margin:1rem 0}header{padding:.4rem .8rem;border-bottom:1px solid #8884}
pre{white-space:pre-wrap;padding:0 .8rem;overflow-wrap:anywhere}.label{border:1px solid #8888;border-radius:1em;padding:0 .6em}`

function html(title: string, body: string): Response {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style><h1>${escapeHtml(title)}</h1>${body}</html>`
  return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
