import { describe, expect, it } from 'vitest'
import { wouldRun } from './expected-checks.ts'

const AT = { workBranch: 'switchyard/r1', baseBranch: 'main' }

describe('whether a workflow would run', () => {
  const cases: [string, boolean][] = [
    ['on: push', true],
    ['on: [push, workflow_dispatch]', true],
    ['on: workflow_dispatch', false],
    ['on:\n  schedule:\n    - cron: "0 0 * * *"', false],
    ['on:\n  push:', true],
    ['on:\n  push:\n    branches: [main]', false],
    ['on:\n  push:\n    branches: [main]\n  pull_request:', true],
    ['on:\n  push:\n    branches: ["switchyard/**"]', true],
    ['on:\n  push:\n    branches-ignore: ["switchyard/**"]', false],
    ['on:\n  push:\n    tags: ["v*"]', false],
    ['on:\n  pull_request:\n    branches: main', true],
    ['on:\n  pull_request:\n    branches: [develop]', false],
    ['on:\n  pull_request:\n    types: [labeled]', false],
    ['on:\n  pull_request:\n    types: [opened, synchronize]', true],
    ['on:\n  pull_request_target: {}', true],
    ['on:\n  pull_request:\n    paths: ["docs/**"]', false],
    ['name: nothing', false],
    ['just text', false],
    ['', false],
  ]
  for (const [source, expected] of cases) {
    it(`${JSON.stringify(source)}: ${expected}`, () => expect(wouldRun(source, AT)).toBe(expected))
  }

  it('throws on broken YAML, so that the file is named as unreadable', () => {
    expect(() => wouldRun('on: [push', AT)).toThrow()
  })
})
