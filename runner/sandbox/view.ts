/**
 * What a sandboxed process sees. This table is the whole of it: what is not named here does not exist inside.
 *
 * | inside | access | why |
 * |---|---|---|
 * | `/usr` and its links `/bin`, `/lib`, … | read | programs |
 * | chosen files of `/etc` | read | certificates, the linker's cache, alternatives, time zone |
 * | our own `passwd`, `group`, `hosts`, `nsswitch.conf` | read | a name for the user, and `localhost` |
 * | tools: Node, the agent's program, `SANDBOX_READ` | read | at their own paths |
 * | mirrors' objects | read | the clones share them; at their own paths, as git's alternates name them |
 * | prompt and instructions | read | the task |
 * | the legs' folders, home, report, scratch | write | the work; at their own paths, as sessions are found by them |
 * | `/tmp`, `/dev/shm`, `/run` | write | memory, of limited size, gone with the job |
 * | `/proc`, `/dev` | own | of the sandbox's own processes, and the harmless devices |
 * | network | loopback | the model gateway and the allow-list proxy behind it are sockets that are bound in |
 */
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'

/** A path of the host that is there inside, at the same place. */
export interface SharedPath {
  readonly path: string
  readonly access: 'read' | 'write'
}

/** A unix socket of the host, at a place of its own inside. */
export interface SharedSocket {
  readonly host: string
  readonly inside: string
}

/** What one sandbox shows beside the system. */
export interface View {
  readonly shared: readonly SharedPath[]
  readonly sockets: readonly SharedSocket[]
}

/** The system's folders: links where `/usr` holds everything, else folders of their own. */
const SYSTEM_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'] as const

/** What of `/etc` programs need and no secret is in. */
const ETC = [
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/pki/ca-trust',
  '/etc/pki/tls/certs',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/timezone',
] as const

/** Largest size of each folder in memory, in bytes. */
const MEMORY_FOLDERS = { '/tmp': 1_073_741_824, '/dev/shm': 268_435_456, '/run': 16_777_216 } as const

/** The folder inside that holds the sockets of gateway and proxy. */
export const SOCKETS_FOLDER = '/run/switchyard'

/**
 * The view as arguments of bubblewrap, in the order in which it mounts.
 *
 * @param etc folder with our own `passwd`, `group`, `hosts` and `nsswitch.conf`
 */
export function viewArguments(view: View, etc: string): string[] {
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...SYSTEM_FOLDERS.flatMap(systemFolder),
    ...ETC.flatMap((path) => ['--ro-bind-try', path, path]),
    ...OWN_ETC.flatMap((name) => ['--ro-bind', `${etc}/${name}`, `/etc/${name}`]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...Object.entries(MEMORY_FOLDERS).flatMap(([path, bytes]) => ['--size', String(bytes), '--tmpfs', path]),
    ...outerFirst(view.shared).flatMap((shared) => sharedPath(shared, view.shared)),
    ...view.sockets.flatMap(({ host, inside }) => ['--ro-bind', host, inside]),
    // The root itself is memory too: without this it could be filled, and folders made beside what is mounted.
    ...['--remount-ro', '/'],
  ]
}

/** The files of `/etc` that are ours, and what they say. */
export const OWN_ETC_FILES = {
  passwd: 'agent:x:1000:1000:agent:/nonexistent:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  group: 'agent:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
} as const

const OWN_ETC = Object.keys(OWN_ETC_FILES)

/** The user and group inside, whoever it is outside. */
export const INSIDE_ID = 1000

function systemFolder(path: string): string[] {
  if (!existsSync(path)) return []
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}

/**
 * A link into something that is shown stays a link: a program that is started by it finds what lies beside it by where the link
 * leads. Every other one is what it leads to.
 */
function sharedPath({ path, access }: SharedPath, all: readonly SharedPath[]): string[] {
  if (access === 'write') return ['--bind', path, path]
  const real = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? realpathSync(path) : path
  const places = ['/usr', ...all.flatMap((other) => (other.path === path ? [] : [other.path]))]
  const shown = real !== path && places.some((place) => real.startsWith(`${place}/`))
  return shown ? ['--symlink', real, path] : ['--ro-bind', path, path]
}

/** A folder before what lies in it, or the outer mount would hide the inner one. */
function outerFirst(shared: readonly SharedPath[]): readonly SharedPath[] {
  return [...shared].sort((a, b) => a.path.length - b.path.length)
}
