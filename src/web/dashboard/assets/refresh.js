/**
 * Fetches this page anew and puts its live parts (`data-live`, by id) in place of those that are here. What the reader has
 * opened stays open, what has the focus keeps it, and a part with selected text is left alone.
 */
const EVERY_MS = Number(document.body.dataset.refreshMs)
let running = null
let again = false

/** Brings the page up to date; calls while one is under way cost one more. */
export function refresh() {
  if (running !== null) {
    again = true
    return running
  }
  running = load().finally(() => {
    running = null
    if (again) {
      again = false
      refresh()
    }
  })
  return running
}

async function load() {
  const note = document.getElementById('stale')
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } })
    if (!response.ok) throw new Error(`the app answered ${response.status}`)
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
    for (const part of document.querySelectorAll('[data-live]')) replace(part, fresh.getElementById(part.id))
    document.dispatchEvent(new CustomEvent('switchyard:fresh', { detail: fresh }))
    note.textContent = ''
  } catch {
    note.textContent = 'Switchyard does not answer; what is shown may be old.'
  }
}

function replace(part, next) {
  if (next === null || selects(part)) return
  for (const details of part.querySelectorAll('details[id]')) {
    const same = next.querySelector(`#${CSS.escape(details.id)}`)
    if (same !== null) same.open = details.open
  }
  if (part.innerHTML === next.innerHTML) return
  const focus = part.contains(document.activeElement) ? document.activeElement : null
  part.replaceWith(document.adoptNode(next))
  if (focus === null) return
  const target = focus.getAttribute('href')
  const found = target === null ? null : next.querySelector(`a[href="${CSS.escape(target)}"]`)
  found?.focus({ preventScroll: true })
}

function selects(part) {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && selection.containsNode(part, true)
}

setInterval(() => {
  if (!document.hidden) refresh()
}, EVERY_MS)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh()
})
