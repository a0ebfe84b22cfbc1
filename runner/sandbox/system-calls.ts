/**
 * What a sandboxed process may not ask of the kernel, as rules, and their numbers by architecture. Namespaces already keep most
 * of it from having an effect; what is not answered at all cannot have a hole either. A list of what is forbidden and not of
 * what is allowed: compilers, debuggers and virtual machines of languages use what nobody has thought of.
 *
 * See syscalls(2), and https://docs.docker.com/engine/security/seccomp/ for what containers go without.
 */

/** Of a call's first three arguments, the lower half of one: the kernel looks at no more of what is an `int` to it. */
export type Argument = 0 | 1 | 2

/** When a call is refused: always; unless an argument is one of these, or where it is; by bits in it; by its size. */
export type When =
  | 'always'
  | { readonly argument: Argument; readonly noneOf: readonly number[] }
  | { readonly argument: Argument; readonly oneOf: readonly number[] }
  | { readonly argument: Argument; readonly anyBit: number }
  | { readonly argument: Argument; readonly above: number }
  /** The first is looked at, and then the second. */
  | { readonly argument: Argument; readonly is: number; readonly and: When }

export interface Rule {
  readonly call: keyof typeof NUMBERS
  readonly when: When
  readonly answer: number
}

/** Error numbers; see errno(3). */
const EPERM = 1
const EINVAL = 22
export const ENOSYS = 38
const EAFNOSUPPORT = 97

/** Of the families of sockets: see address_families(7). No `AF_VSOCK` (the hypervisor), no `AF_PACKET`, no `AF_ALG`. */
const FAMILIES = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const
/** Interfaces and routes, which programs ask for their own loopback. */
const NETLINK_ROUTE = 0
/** Writes into the input of somebody's terminal; see ioctl_tty(2). */
const TERMINAL_INPUT = [0x5412, 0x541c] as const
/** `CLONE_NEWNS`, `NEWCGROUP`, `NEWUTS`, `NEWIPC`, `NEWUSER`, `NEWPID`, `NEWNET`. */
const NEW_NAMESPACE = 0x7e02_0000
/** Largest piece of System V shared memory, in bytes: it is counted as nobody's. Databases need some 60 of them. */
const SHARED_MEMORY_BYTES = 65_536

/** `[x86-64, arm64]`; null where the architecture has no such call. */
export const NUMBERS = {
  socket: [41, 198],
  socketpair: [53, 199],
  ioctl: [16, 29],
  clone: [56, 220],
  clone3: [435, 435],
  shmget: [29, 194],
  // Namespaces and mounts.
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  // Large parts of the kernel with a history of holes. Requests by io_uring would not come by this filter.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  // Keys are shared by all processes of a user, past every namespace.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // The machine.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  syslog: [103, 116],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  iopl: [172, null],
  ioperm: [173, null],
  // Files by handle, past every folder that is not shown; events of a whole file system.
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
} as const satisfies Record<string, readonly [number, number | null]>

const LOOKED_AT: readonly Rule[] = [
  { call: 'socket', when: { argument: 0, noneOf: Object.values(FAMILIES) }, answer: EAFNOSUPPORT },
  {
    call: 'socket',
    when: { argument: 0, is: FAMILIES.netlink, and: { argument: 2, noneOf: [NETLINK_ROUTE] } },
    answer: EAFNOSUPPORT,
  },
  { call: 'socketpair', when: { argument: 0, noneOf: [FAMILIES.unix] }, answer: EAFNOSUPPORT },
  { call: 'ioctl', when: { argument: 1, oneOf: TERMINAL_INPUT }, answer: EPERM },
  { call: 'clone', when: { argument: 0, anyBit: NEW_NAMESPACE }, answer: EPERM },
  // Its flags lie in memory, where no filter can look. Who is told that there is no such call takes `clone`.
  { call: 'clone3', when: 'always', answer: ENOSYS },
  { call: 'shmget', when: { argument: 1, above: SHARED_MEMORY_BYTES }, answer: EINVAL },
]

const looked = new Set<string>(LOOKED_AT.map(({ call }) => call))
const isCall = (name: string): name is keyof typeof NUMBERS => name in NUMBERS

/** All of them. */
export const RULES: readonly Rule[] = [
  ...LOOKED_AT,
  ...Object.keys(NUMBERS)
    .filter(isCall)
    .filter((call) => !looked.has(call))
    .map((call) => ({ call, when: 'always' as const, answer: EPERM })),
]
