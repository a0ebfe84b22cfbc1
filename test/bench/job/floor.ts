/** What a shell script needs for the same: for each repository at the same time fetch and clone, edit, commit, push. */
import { execa } from 'execa'
import { EDITED } from './repository.ts'

export interface FloorRepository {
  url: string
  /** A bare mirror that is there already. */
  mirror: string
  /** Where to work; not there yet. */
  folder: string
}

/** With a mirror that holds all but the newest commits, as a runner has it. */
export function warmFloor(repositories: readonly FloorRepository[], branch: string, token: string): Promise<unknown> {
  return shell(
    repositories.map(
      ({ url, mirror, folder }) => `git -C '${mirror}' fetch -q --no-tags '${url}' +refs/heads/main:refs/heads/main
        git clone -q --shared '${mirror}' '${folder}'
        ${commitAndPush(url, folder, branch)}`,
    ),
    token,
  )
}

/** With nothing at hand. */
export function coldFloor(repositories: readonly FloorRepository[], branch: string, token: string): Promise<unknown> {
  return shell(
    repositories.map(
      ({ url, folder }) => `git clone -q --depth 1 '${url}' '${folder}'
        ${commitAndPush(url, folder, branch)}`,
    ),
    token,
  )
}

/** Makes the mirror that the warm floor works from. */
export async function makeMirror(url: string, mirror: string, token: string): Promise<void> {
  await execa('git', ['clone', '-q', '--bare', url, mirror], { env: gitEnvironment(token) })
}

/** The moment before and after a plain `git clone --depth 1`, for a checkout alone. */
export async function shallowClone(url: string, folder: string, token: string): Promise<void> {
  await execa('git', ['clone', '-q', '--depth', '1', url, folder], { env: gitEnvironment(token) })
}

function commitAndPush(url: string, folder: string, branch: string): string {
  return `cd '${folder}'
    git checkout -q -b '${branch}'
    echo '// edited' >> '${EDITED}'
    git commit -qam 'Edited'
    git push -q '${url}' 'HEAD:refs/heads/${branch}'`
}

async function shell(lanes: readonly string[], token: string): Promise<void> {
  const started = lanes.map((lane, index) => `( set -e; ${lane} ) & pid${index}=$!`)
  const waits = lanes.map((_, index) => `wait $pid${index}`)
  await execa('/bin/sh', ['-c', ['set -e', ...started, ...waits].join('\n')], { env: gitEnvironment(token) })
}

function gitEnvironment(token: string): Record<string, string> {
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_0: 'http.extraheader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_CONFIG_KEY_1: 'user.name',
    GIT_CONFIG_VALUE_1: 'Somebody',
    GIT_CONFIG_KEY_2: 'user.email',
    GIT_CONFIG_VALUE_2: 'somebody@example.com',
  }
}
