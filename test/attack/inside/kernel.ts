/** What is asked of the kernel itself, by the numbers of its calls. */
import process from 'node:process'
import { NUMBERS } from '../../../runner/sandbox/system-calls.ts'
import type { Plan } from './plan.ts'

const FILTER = 'A filter of system calls: these are not answered, whatever they ask for.'
const COLUMN = process.arch === 'arm64' ? 1 : 0

/** Not allowed, not there, not supported; anything else was let in, and answered by something deeper. */
const ASK = `sub ask { my ($name, $call, @with) = @_; my $r = syscall($call, @with); my $e = $! + 0; print $r < 0 && ($e == 1 || $e == 38 || $e == 97) ? "no $name $e\\n" : "GOT $name $r $e\\n" }`

type Asked = readonly [name: string, call: keyof typeof NUMBERS, ...args: (number | string)[]]

/** A probe in Perl, which is on most systems and makes calls by number. */
const perl = (asked: readonly Asked[]) => () =>
  `perl -e '${ASK} ${asked.map(([name, call, ...args]) => `ask(${[`"${name}"`, NUMBERS[call][COLUMN], ...args].join(', ')});`).join(' ')}'`

export const kernel: readonly Plan[] = [
  {
    name: 'the hypervisor and other odd families of sockets',
    how: '`AF_VSOCK`, which leads out of a virtual machine past every network namespace; `AF_PACKET`, `AF_ALG`, `AF_TIPC`, `AF_KEY`, netlink of the firewall and of devices.',
    stopped: 'A filter of system calls: sockets are local ones, of the internet, and those that tell of interfaces.',
    told: 'nobody',
    probe: perl([
      ['vsock', 'socket', 40, 1, 0],
      ['packet', 'socket', 17, 3, 768],
      ['alg', 'socket', 38, 5, 0],
      ['tipc', 'socket', 30, 1, 0],
      ['key', 'socket', 15, 3, 2],
      ['firewall', 'socket', 16, 3, 12],
      ['devices', 'socket', 16, 3, 15],
      ['vsock by its upper half', 'socket', '0x100000028', 1, 0],
      ['pair', 'socketpair', 30, 1, 0, 0],
    ]),
  },
  {
    name: 'io_uring, eBPF, performance counters, page faults of one’s own',
    how: 'Parts of the kernel that most ways out of containers went by; io_uring also does other calls past a filter.',
    stopped: FILTER,
    told: 'nobody',
    probe: perl([
      ['io_uring', 'io_uring_setup', 8, 0],
      ['bpf', 'bpf', 0, 0, 0],
      ['perf', 'perf_event_open', 0, 0, -1, -1, 0],
      ['userfaultfd', 'userfaultfd', 1],
    ]),
  },
  {
    name: 'keys in the kernel',
    how: 'The keyrings of the user, which no namespace keeps apart: read, asked for, left for the next job.',
    stopped: FILTER,
    told: 'nobody',
    probe: perl([
      ['keyring', 'keyctl', 0, -4, 0],
      ['key', 'add_key', '"user"', '"next-job"', '"hello"', 5, -4],
      ['request', 'request_key', '"user"', '"next-job"', 0, -4],
    ]),
  },
  {
    name: 'namespaces and mounts by the newer calls',
    how: '`clone3`, `clone` with a user namespace, `open_tree`, `fsopen`, `mount_setattr`, `open_by_handle_at`, `fanotify`.',
    stopped: FILTER,
    told: 'nobody',
    probe: perl([
      ['clone3', 'clone3', 0, 0],
      ['clone', 'clone', '0x10000011', 0, 0, 0, 0],
      ['tree', 'open_tree', -100, '"/"', 1],
      ['fsopen', 'fsopen', '"tmpfs"', 0],
      ['setattr', 'mount_setattr', -100, '"/"', 0, 0, 0],
      ['handle', 'open_by_handle_at', -100, 0, 0],
      ['fanotify', 'fanotify_init', 0, 0],
    ]),
  },
  {
    name: 'typing into the terminal of the host',
    how: '`TIOCSTI` and `TIOCLINUX` on each of its three streams, also with the upper half of the number set.',
    stopped: `${FILTER} There is no terminal either: its streams are pipes.`,
    told: 'nobody',
    probe: perl(
      [0, 1, 2].flatMap((fd) =>
        ['0x5412', '0x541c', '0x100005412'].map((number): Asked => [`${fd} ${number}`, 'ioctl', fd, number, '"x"']),
      ),
    ),
  },
]
