import { expect, test } from 'vitest'
import { checkHosts, parseJobSpec } from './job-spec.ts'

const leg = {
  key: 'acme__api',
  repositoryId: 1,
  repository: 'acme/api',
  cloneUrl: 'https://github.com/acme/api.git',
  role: 'primary',
  access: 'write',
  baseBranch: 'main',
  workBranch: 'switchyard/run1',
}
const good = {
  version: 1,
  id: 'run1-code-1',
  run: 'run1',
  step: 'code',
  epoch: 1,
  role: 'coder',
  mode: 'code',
  runtime: { name: 'command', command: ['true'] },
  instructions: '',
  prompt: '',
  reportShape: 'work',
  nonce: 'nonce-0123456789abcdef',
  legs: [leg],
  allowedHosts: ['github.com', 'app.example.com'],
  limits: {},
  author: { name: 'Switchyard', email: 'switchyard@example.com' },
}
const APP = 'https://app.example.com'

test.each([
  ['legs.0.cloneUrl', { legs: [{ ...leg, cloneUrl: 'not a url' }] }],
  ['legs.0.baseBranch', { legs: [{ ...leg, baseBranch: '--upload-pack=x' }] }],
  ['legs.1.key', { legs: [leg, leg] }],
  ['legs.0.key', { legs: [{ ...leg, key: '..' }] }],
  ['legs.0.workBranch', { legs: [{ ...leg, workBranch: 'main' }] }],
  ['version', { version: 2 }],
  ['nonce', { nonce: undefined }],
  ['limits.durationMs', { limits: { durationMs: -1 } }],
])('[JOB-1] a malformed job is refused with the path of the fault: %s', (path, more) => {
  expect(() => parseJobSpec({ ...good, ...more })).toThrow(`${path}: `)
})

test('[JOB-1] a good job is taken, and what is no object is refused', () => {
  expect(parseJobSpec(good).id).toBe('run1-code-1')
  for (const bad of [null, 'text', 7, []]) expect(() => parseJobSpec(bad)).toThrow('malformed')
})

test.each([
  ['another host', 'https://evil.example/acme/api.git'],
  ['a host that only ends alike', 'https://notgithub.com/acme/api.git'],
  ['a sub-domain', 'https://github.com.evil.example/acme/api.git'],
  ['another port', 'https://github.com:8443/acme/api.git'],
  ['plain http', 'http://github.com/acme/api.git'],
  ['ssh', 'ssh://git@github.com/acme/api.git'],
  ['a program', 'ext::sh://github.com/x'],
  ['a file', 'file:///etc/passwd'],
  ['credentials in it', 'https://me:secret@github.com/acme/api.git'],
])('[JOB-2] a clone URL with %s is refused', (_what, cloneUrl) => {
  const spec = parseJobSpec({ ...good, legs: [leg, { ...leg, key: 'other', cloneUrl }] })
  expect(() => checkHosts(spec, APP)).toThrow('legs.1.cloneUrl')
})

test('[JOB-2] the app must be on an allowed host too, and the runner’s own list must allow as well', () => {
  const spec = parseJobSpec(good)
  expect(() => checkHosts(spec, APP)).not.toThrow()
  expect(() => checkHosts(spec, 'https://elsewhere.example')).toThrow('elsewhere.example')
  expect(() => checkHosts(spec, APP, ['app.example.com'])).toThrow('github.com')
  expect(() => checkHosts(spec, APP, ['app.example.com', 'github.com'])).not.toThrow()
})
