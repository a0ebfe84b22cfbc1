import { describe, expect, it } from 'vitest'
import { isOwnEvent } from './own-events.ts'

const OWN = { appId: 4711, botLogin: 'switchyard[bot]', botId: 99 }
const bot = { id: 99, login: 'switchyard[bot]' }
const ada = { id: 11, login: 'ada' }

describe('[ING-4] telling own events', () => {
  it('drops what the bot itself did', () => {
    for (const event of ['issue_comment', 'issues', 'pull_request', 'push']) {
      expect(isOwnEvent(event, { sender: bot }, OWN)).toBe(true)
      expect(isOwnEvent(event, { sender: ada }, OWN)).toBe(false)
    }
  })

  it('keeps a person editing our comment', () => {
    expect(isOwnEvent('issue_comment', { action: 'edited', comment: { user: bot }, sender: ada }, OWN)).toBe(false)
  })

  it('drops our own check runs, but not a person asking for one again', () => {
    const check_run = { app: { id: OWN.appId } }
    expect(isOwnEvent('check_run', { action: 'completed', check_run, sender: bot }, OWN)).toBe(true)
    expect(isOwnEvent('check_run', { action: 'rerequested', check_run, sender: ada }, OWN)).toBe(false)
  })

  it('keeps the checks of others on a commit that our bot pushed, where GitHub names our bot as the sender', () => {
    const check_run = { app: { id: 15368 } }
    expect(isOwnEvent('check_run', { action: 'completed', check_run, sender: bot }, OWN)).toBe(false)
    expect(isOwnEvent('check_suite', { action: 'completed', check_suite: check_run, sender: bot }, OWN)).toBe(false)
    expect(isOwnEvent('workflow_run', { action: 'completed', sender: bot }, OWN)).toBe(false)
    expect(isOwnEvent('status', { sender: bot }, OWN)).toBe(false)
  })

  it('keeps what GitHub did later in our name: auto-merge merged, or a queue put the pull request out', () => {
    const of = (action: string, pull_request: object) => isOwnEvent('pull_request', { action, pull_request, sender: bot }, OWN)
    expect(of('closed', { merged: true, auto_merge: { merge_method: 'squash' } })).toBe(false)
    expect(of('dequeued', { merged: false })).toBe(false)
    expect(of('auto_merge_disabled', { merged: false })).toBe(false)
    // Our own call merged it, and its answer told so.
    expect(of('closed', { merged: true, auto_merge: null })).toBe(true)
    expect(of('closed', { merged: false, auto_merge: null })).toBe(true)
    expect(of('enqueued', { merged: false })).toBe(true)
  })

  it('takes nothing it does not understand for its own', () => {
    for (const payload of [null, {}, { sender: null }, { check_run: {} }, 7]) {
      expect(isOwnEvent('check_run', payload, OWN)).toBe(false)
      expect(isOwnEvent('issues', payload, OWN)).toBe(false)
    }
  })
})
