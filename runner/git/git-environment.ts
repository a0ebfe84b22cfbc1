import { randomBytes } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { DEFAULT_GIT_STALL_SECONDS } from '../../src/contract/git-limits.ts'

/**
 * The only configuration that the host's git reads besides the git directories which the host itself made. Hooks, the
 * file-system monitor, credential helpers, submodules, signing, redirects and housekeeping are off. A transfer that brings
 * less than a byte per second is given up in time: a server that stalls would else hold the job until the limit of a fetch.
 */
const hostConfig = (stallSeconds: number) => `[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tuntrackedCache = false
\tautocrlf = false
\tlogAllRefUpdates = false
\tprotectHFS = true
\tprotectNTFS = true
\tcommitGraph = false
[submodule]
\trecurse = false
[fetch]
\trecurseSubmodules = false
\twriteCommitGraph = false
[push]
\trecurseSubmodules = no
\tgpgSign = false
[commit]
\tgpgSign = false
[diff]
\tignoreSubmodules = all
[status]
\tsubmoduleSummary = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[protocol "ext"]
\tallow = never
[credential]
\thelper =
[http]
\tfollowRedirects = false
\tlowSpeedLimit = 1
\tlowSpeedTime = ${stallSeconds}
[advice]
\tdetachedHead = false
`

/**
 * Most memory that git may ask for at once: a small pack can say of itself that unpacked it is an object of many gigabytes, and git
 * would make room for that before it looks.
 */
const ALLOCATION_MAX = '1g'

/** The environment variable that marks the git processes of a job, so that a killed runner's can be found. */
export const GIT_MARKER = 'SWITCHYARD_GIT_OF'

/** Where the host's git finds its own configuration and an empty home. */
export interface GitHome {
  readonly home: string
  readonly configFile: string
}

/**
 * Writes the host git's configuration and its empty home below `folder`.
 *
 * @param stallSeconds how long a transfer may bring nothing
 */
export async function prepareGitHome(folder: string, stallSeconds: number = DEFAULT_GIT_STALL_SECONDS): Promise<GitHome> {
  const home = path.join(folder, 'home')
  const configFile = path.join(folder, 'gitconfig')
  await mkdir(home, { recursive: true, mode: 0o700 })
  // Whole at every moment: the git of another runner over the same folder may be reading it.
  const beside = `${configFile}.${randomBytes(6).toString('hex')}`
  await writeFile(beside, hostConfig(stallSeconds), { mode: 0o600 })
  await rename(beside, configFile)
  return { home, configFile }
}

/** A token and the one address that it is sent to. */
export interface GitCredential {
  readonly url: string
  readonly token: string
}

/**
 * The whole environment of one git process: nothing is inherited but PATH. A token is here, and nowhere else: not in the
 * arguments (the process list shows them), not in a file, not in an address.
 */
export function gitEnvironment(home: GitHome, extra: Readonly<Record<string, string>>, credential?: GitCredential) {
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home.home,
    XDG_CONFIG_HOME: home.home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: home.configFile,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https:http',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_EDITOR: ':',
    GIT_ALLOC_LIMIT: ALLOCATION_MAX,
    ...extra,
  }
  if (credential !== undefined) {
    const basic = Buffer.from(`x-access-token:${credential.token}`).toString('base64')
    environment.GIT_CONFIG_COUNT = '1'
    environment.GIT_CONFIG_KEY_0 = `http.${credential.url}.extraHeader`
    environment.GIT_CONFIG_VALUE_0 = `Authorization: Basic ${basic}`
  }
  return environment
}
