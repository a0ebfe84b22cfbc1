import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createComment, findMarked, getComment, listComments, updateComment } from '../../src/github/comments.ts'
import { listFolder, readFile } from '../../src/github/contents.ts'
import { closeIssue, getIssue } from '../../src/github/issues.ts'
import { labelsOf, removeLabel, setStateLabel } from '../../src/github/labels.ts'
import { roleOf } from '../../src/github/permissions.ts'
import { react, unreact } from '../../src/github/reactions.ts'
import { API, type Connected, connect, REPOSITORY } from './connect.ts'

let on: Connected
beforeAll(async () => {
  on = await connect()
})
afterAll(() => on.stop())

const MARKER = '<!-- switchyard:test -->'
const open = (title: string) => on.local.as('wes').openIssue(API, { title, body: `About ${title}` }).number
const wrote = async (work: () => Promise<unknown>) => (await on.github.writes.during(work)).writes

describe('permissions', () => {
  it('are the exact role names, read at that moment', async () => {
    const role = (login: string) => roleOf(on.octokit, REPOSITORY, { login, id: on.local.as(login).id })
    const roles = { ann: 'admin', mia: 'maintain', wes: 'write', tia: 'triage', rex: 'read', eve: 'none' }
    for (const [login, expected] of Object.entries(roles)) expect(await role(login)).toBe(expected)
    on.local.inspect().repository(API).collaborators.set('eve', 'triage')
    expect(await role('eve')).toBe('triage')
    on.local.inspect().repository(API).collaborators.delete('eve')
    expect(await role('eve')).toBe('none')
  })

  it('are none for an account that has taken over a login, and an error where GitHub gives none', async () => {
    expect(await roleOf(on.octokit, REPOSITORY, { login: 'ann', id: on.local.as('eve').id })).toBe('none')
    await expect(roleOf(on.octokit, REPOSITORY, { login: 'nobody', id: 1 })).rejects.toMatchObject({ status: 404 })
    on.local.faults.failNext({ route: '/repos/{owner}/{repo}/collaborators/{username}/permission' }, { status: 403 })
    const ann = on.local.as('ann')
    await expect(roleOf(on.octokit, REPOSITORY, ann)).rejects.toMatchObject({ failure: { cause: 'permission' } })
  })
})

describe('contents', () => {
  it('are read from the default branch, or from a ref', async () => {
    const sha = await on.local.as('wes').push(API, 'side', { '.github/switchyard.yml': 'version: 1 # ü' }, 'configure')
    expect(await readFile(on.octokit, REPOSITORY, '.github/switchyard.yml')).toBeNull()
    const file = await readFile(on.octokit, REPOSITORY, '.github/switchyard.yml', sha)
    expect(file).toMatchObject({ source: 'version: 1 # ü', sha: expect.stringMatching(/^[0-9a-f]{40}$/) })
    expect((await readFile(on.octokit, REPOSITORY, 'README.md'))?.source).toContain('# API')
    expect(await listFolder(on.octokit, REPOSITORY, '.github', 'side')).toEqual(['.github/switchyard.yml'])
    expect(await listFolder(on.octokit, REPOSITORY, '.github')).toEqual([])
  })

  it('are no file where the path is a folder', async () => {
    await expect(readFile(on.octokit, REPOSITORY, 'src')).rejects.toMatchObject({ failure: { cause: 'api' } })
  })
})

describe('issues', () => {
  it('are read, and closed with a reason, twice alike', async () => {
    const number = open('closing')
    const found = await getIssue(on.octokit, REPOSITORY, number)
    expect(found).toMatchObject({
      number,
      thread: 'issue',
      title: 'closing',
      body: 'About closing',
      state: 'open',
      author: 'wes',
    })
    await closeIssue(on.octokit, REPOSITORY, number, 'completed')
    await closeIssue(on.octokit, REPOSITORY, number, 'completed')
    expect(on.local.inspect().issue(API, number)).toMatchObject({ state: 'closed', stateReason: 'completed' })
    expect(await getIssue(on.octokit, REPOSITORY, 9_999)).toBeNull()
  })
})

describe('state labels', () => {
  const label = (state: string) => ({ name: `switchyard/${state}`, color: 'abc123', description: `It is ${state}` })
  const set = (number: number, state: string) => setStateLabel(on.octokit, REPOSITORY, number, label(state), 'switchyard/')

  it('[CMD-9] are exactly one at a time, with colour and description, beside those of people', async () => {
    const number = open('labels')
    on.local.as('tia').label(API, number, 'bug')
    for (const state of ['queued', 'working', 'needs-you', 'working', 'done']) {
      await set(number, state)
      expect((await labelsOf(on.octokit, REPOSITORY, number)).sort()).toEqual(['bug', `switchyard/${state}`].sort())
      expect(on.local.inspect().repository(API).labels.get(`switchyard/${state}`)).toMatchObject(label(state))
    }
  })

  it('are written once per change: nothing where it is so already, else one added and one removed', async () => {
    const number = open('few writes')
    await set(number, 'queued')
    expect((await wrote(() => set(number, 'queued'))).total).toBe(0)
    expect((await wrote(() => set(number, 'working'))).total).toBe(2)
  })

  it('leave the colour alone that somebody gave the label', async () => {
    const number = open('own colour')
    await on.octokit.rest.issues.createLabel({ ...REPOSITORY, name: 'switchyard/paused', color: 'abcdef' })
    await set(number, 'paused')
    expect(on.local.inspect().repository(API).labels.get('switchyard/paused')).toMatchObject({ color: 'abcdef' })
  })

  it('tell whether a label was there to be removed', async () => {
    const number = open('removal')
    on.local.as('tia').label(API, number, 'switchyard')
    expect(await removeLabel(on.octokit, REPOSITORY, number, 'switchyard')).toBe(true)
    expect(await removeLabel(on.octokit, REPOSITORY, number, 'switchyard')).toBe(false)
  })
})

describe('comments', () => {
  const marked = (number: number) => findMarked(on.octokit, REPOSITORY, number, { marker: MARKER, authorId: on.app.botId })

  it("are found by our own marker only, not by somebody's copy of it", async () => {
    const number = open('markers')
    on.local.as('wes').comment(API, number, `A copy: ${MARKER}`)
    expect(await marked(number)).toBeNull()
    const { id } = await createComment(on.octokit, REPOSITORY, number, `Status\n${MARKER}`)
    expect(await marked(number)).toMatchObject({ id, authorId: on.app.botId })
  })

  it('are found beyond the first page', async () => {
    const number = open('a long thread')
    for (let index = 0; index < 130; index += 1) on.local.as('wes').comment(API, number, `Comment ${index}`)
    const { id } = await createComment(on.octokit, REPOSITORY, number, MARKER)
    expect((await marked(number))?.id).toBe(id)
    expect(await listComments(on.octokit, REPOSITORY, number)).toHaveLength(131)
  })

  it.each([false, true])('are posted once, though the answer to posting got lost (connection cut: %s)', async (hangUp) => {
    const number = open('a lost answer')
    const route = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
    const post = async () => (await marked(number)) ?? (await createComment(on.octokit, REPOSITORY, number, MARKER))
    on.local.faults.failNext({ method: 'POST', route }, { status: 502, afterEffect: true, hangUp })
    await expect(post()).rejects.toMatchObject({ failure: { cause: 'api' } })
    expect(await post()).toMatchObject({ body: MARKER })
    expect(on.local.inspect().comments(API, number)).toHaveLength(1)
  })

  it('are edited in place; one that was deleted is null', async () => {
    const number = open('edits')
    const { id } = await createComment(on.octokit, REPOSITORY, number, 'one')
    expect(await updateComment(on.octokit, REPOSITORY, id, 'two')).toMatchObject({ id, body: 'two' })
    expect((await getComment(on.octokit, REPOSITORY, id))?.body).toBe('two')
    on.local.as('wes').deleteComment(API, id)
    expect(await getComment(on.octokit, REPOSITORY, id)).toBeNull()
    expect(await updateComment(on.octokit, REPOSITORY, id, 'three')).toBeNull()
  })
})

describe('reactions', () => {
  it('are put once and taken back, on issues and comments', async () => {
    const number = open('reactions')
    const comment = on.local.as('wes').comment(API, number, '/yard run')
    const targets = [
      { on: { kind: 'issue', number }, of: on.local.inspect().issue(API, number) },
      { on: { kind: 'comment', commentId: comment.id }, of: comment },
    ] as const
    for (const target of targets) {
      expect(await react(on.octokit, REPOSITORY, target.on, 'eyes')).toBe(true)
      await react(on.octokit, REPOSITORY, target.on, 'eyes')
      await react(on.octokit, REPOSITORY, target.on, 'rocket')
      expect(target.of.reactions.map((each) => each.content)).toEqual(['eyes', 'rocket'])
      await unreact(on.octokit, REPOSITORY, target.on, 'eyes', on.app.botId)
      expect(target.of.reactions.map((each) => each.content)).toEqual(['rocket'])
    }
    expect(await react(on.octokit, REPOSITORY, { kind: 'comment', commentId: 9_999 }, 'eyes')).toBe(false)
  })
})
