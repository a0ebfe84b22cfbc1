/** Fills the log panel from the run's stream, filters its lines, and follows its end. */
import { refresh } from './refresh.js'

/** Lines kept in the page; older ones are in the text. */
const MAX_LINES = 5_000
/** Longer output is folded. In lines. */
const FOLD_AFTER = 8
/** How near the end counts as being there, in px. */
const NEAR = 24

const panel = document.getElementById('log')
const list = document.getElementById('log-lines')
const empty = document.getElementById('log-empty')
const state = document.getElementById('log-state')
const count = document.getElementById('log-count')
const filter = document.getElementById('log-filter')
const follow = document.getElementById('log-follow')

const { run, chosen } = panel.dataset
let { job, version } = panel.dataset
let source = null
let position = 0
let start = 0
let dropped = 0

function connect() {
  source?.close()
  const query = new URLSearchParams()
  if (job !== '') query.set('job', job)
  if (position > 0) query.set('after', String(position))
  source = new EventSource(`/runs/${run}/log?${query}`)
  source.addEventListener('open', () => show('live', 'machine'))
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) show('not live: load the page again', 'bad')
    else show('reconnecting', 'queue')
  })
  source.addEventListener('lines', (event) => {
    position = Number(event.lastEventId)
    append(JSON.parse(event.data))
  })
  source.addEventListener('run', (event) => heard(JSON.parse(event.data)))
  source.addEventListener('over', () => {
    source.close()
    show('ended', 'quiet')
  })
}

/** The run changed, or another job of it began. */
function heard(now) {
  if (String(now.version) !== version) {
    version = String(now.version)
    refresh()
  }
  if (chosen === 'yes' || now.job === null || now.job === job) return
  job = now.job
  position = 0
  start = 0
  dropped = 0
  list.replaceChildren()
  document.getElementById('log-job').textContent = job
  document.getElementById('log-text').href = `/runs/${run}/log.txt?job=${job}`
  connect()
}

function show(words, tone) {
  state.textContent = words
  state.dataset.tone = tone
}

function append(lines) {
  const added = document.createDocumentFragment()
  for (const line of lines) {
    if (line.start !== start && start !== 0)
      added.append(divider(`started again, on another runner or anew (start ${line.start})`))
    start = line.start
    added.append(row(line))
  }
  list.append(added)
  while (list.childElementCount > MAX_LINES) {
    list.firstElementChild.remove()
    dropped += 1
  }
  empty.hidden = true
  tally()
  if (follow.checked) toEnd()
}

function row({ at, kind, text }) {
  const line = element('div', 'line')
  line.dataset.kind = kind
  const time = element('time', 'at', at.slice(11, 19))
  time.dateTime = at
  time.title = `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`
  line.append(time, element('span', 'kind', kind), body(text))
  line.hidden = !matches(line)
  return line
}

function body(text) {
  const lines = text.split('\n')
  if (lines.length <= FOLD_AFTER) return element('span', 'text', text)
  const details = element('details', 'text')
  details.append(element('summary', '', lines[0]), element('span', '', lines.slice(1).join('\n')))
  return details
}

function divider(words) {
  const line = element('div', 'line divider', words)
  line.hidden = !matches(line)
  return line
}

function element(name, className, text = '') {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}

function matches(line) {
  return line.textContent.toLowerCase().includes(filter.value.trim().toLowerCase())
}

function tally() {
  const all = list.childElementCount
  const shown = filter.value.trim() === '' ? all : list.querySelectorAll('.line:not([hidden])').length
  const left = dropped > 0 ? `, ${dropped} older only as text` : ''
  count.textContent = all === 0 ? '' : `${shown === all ? '' : `${shown} of `}${all} ${all === 1 ? 'line' : 'lines'}${left}`
}

function toEnd() {
  list.scrollTop = list.scrollHeight
}

filter.addEventListener('input', () => {
  for (const line of list.children) line.hidden = !matches(line)
  tally()
  if (follow.checked) toEnd()
})
filter.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  filter.value = ''
  filter.dispatchEvent(new Event('input'))
  list.focus()
})
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.matches('input, textarea, select')) return
  event.preventDefault()
  filter.focus()
})
follow.addEventListener('change', () => {
  if (follow.checked) toEnd()
})
list.addEventListener('scroll', () => {
  follow.checked = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR
})
// A run that was over and goes on again (a retry) is heard of here.
document.addEventListener('switchyard:fresh', (event) => {
  const fresh = event.detail.getElementById('log')
  if (fresh === null || source.readyState !== EventSource.CLOSED || fresh.dataset.version === version) return
  connect()
})
// A page that nobody looks at gives its connection up: browsers allow six to one host, over all tabs.
let resting = false
function rest() {
  if (source.readyState === EventSource.CLOSED) return
  resting = true
  source.close()
}
function wake() {
  if (!resting) return
  resting = false
  connect()
}
document.addEventListener('visibilitychange', () => (document.hidden ? rest() : wake()))
addEventListener('pagehide', rest)
addEventListener('pageshow', wake)
connect()
