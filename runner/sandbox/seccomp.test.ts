/** The filter's program, run by a small machine of our own for both architectures. That the kernel takes it: `sandbox.test.ts`. */
import { expect, test } from 'vitest'
import { systemCallFilter } from './seccomp.ts'
import { NUMBERS, RULES } from './system-calls.ts'

const ALLOWED = 'allowed'
const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const
const COLUMN = { x64: 0, arm64: 1 } as const
const KNOWN = ['x64', 'arm64'] as const

/** What the kernel would answer: see seccomp(2). Arguments are of 64 bits. */
function answer(program: Buffer, call: { number: number; audit: number; args?: readonly bigint[] }): string | number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(call.number, 0)
  data.writeUInt32LE(call.audit, 4)
  for (const [at, value] of (call.args ?? []).entries()) data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * at)
  let held = 0
  for (let at = 0; at * 8 < program.length; at += 1) {
    const code = program.readUInt16LE(at * 8)
    const number = program.readUInt32LE(at * 8 + 4)
    const jump = (holds: boolean): number => program.readUInt8(at * 8 + (holds ? 2 : 3))
    if (code === 0x20) held = data.readUInt32LE(number)
    else if (code === 0x15) at += jump(held === number)
    else if (code === 0x25) at += jump(held > number)
    else if (code === 0x35) at += jump(held >= number)
    else if (code === 0x45) at += jump((held & number) !== 0)
    else if (code === 0x06) return number === 0x7fff_0000 ? ALLOWED : number & 0xffff
    else throw new Error(`an instruction that nobody knows: ${code}`)
  }
  throw new Error('the program has no end')
}

function ask(architecture: (typeof KNOWN)[number], name: keyof typeof NUMBERS, ...args: bigint[]) {
  const number = NUMBERS[name][COLUMN[architecture]]
  const program = systemCallFilter(architecture)
  if (number === null || program === null) throw new Error(`${architecture} has no ${name}`)
  return answer(program, { number, audit: AUDIT[architecture], args })
}

const CASES = [
  ['socket', [1n, 1n, 0n], ALLOWED],
  ['socket', [2n, 1n, 0n], ALLOWED],
  ['socket', [10n, 2n, 0n], ALLOWED],
  ['socket', [16n, 3n, 0n], ALLOWED],
  ['socket', [16n, 3n, 15n], 97],
  ['socket', [16n, 3n, 9n], 97],
  ['socket', [17n, 3n, 768n], 97],
  ['socket', [38n, 5n, 0n], 97],
  ['socket', [40n, 1n, 0n], 97],
  // The kernel takes the lower half of it.
  ['socket', [0x1_0000_0028n, 1n, 0n], 97],
  ['socket', [0x1_0000_0001n, 1n, 0n], ALLOWED],
  ['socketpair', [1n, 1n, 0n], ALLOWED],
  ['socketpair', [30n, 1n, 0n], 97],
  ['ioctl', [0n, 0x5401n], ALLOWED],
  ['ioctl', [0n, 0x5413n], ALLOWED],
  ['ioctl', [0n, 0x5412n], 1],
  ['ioctl', [0n, 0x1_0000_5412n], 1],
  ['ioctl', [0n, 0x541cn], 1],
  // A thread, and a process.
  ['clone', [0x3d0f00n], ALLOWED],
  ['clone', [0x1200011n], ALLOWED],
  ['clone', [0x1000_0011n], 1],
  ['clone', [0x4000_0011n], 1],
  ['clone3', [0n], 38],
  ['shmget', [0n, 56n], ALLOWED],
  ['shmget', [0n, 65_536n], ALLOWED],
  ['shmget', [0n, 65_537n], 22],
  ['shmget', [0n, 0x1_0000_0000n], 22],
] as const

test.each(KNOWN)('%s: what is looked at is answered by its arguments', (architecture) => {
  for (const [name, args, expected] of CASES)
    expect([name, args, ask(architecture, name, ...args)]).toEqual([name, args, expected])
})

test.each(KNOWN)('%s: everything else that is listed is refused, and nothing that is not', (architecture) => {
  const numbers = new Set<number>()
  for (const { call, when } of RULES) {
    const number = NUMBERS[call][COLUMN[architecture]]
    if (number !== null) numbers.add(number)
    if (when === 'always' && number !== null)
      expect([call, ask(architecture, call)]).toEqual([call, call === 'clone3' ? 38 : 1])
  }
  const program = systemCallFilter(architecture) ?? Buffer.alloc(0)
  for (let number = 0; number < 600; number += 1) {
    if (!numbers.has(number)) expect(answer(program, { number, audit: AUDIT[architecture] })).toBe(ALLOWED)
  }
})

test('calls of another architecture, and of the x32 ABI, are not there', () => {
  const program = systemCallFilter('x64') ?? Buffer.alloc(0)
  expect(answer(program, { number: 1, audit: 0x4000_0003 })).toBe(38)
  expect(answer(program, { number: 0x4000_0001, audit: AUDIT.x64 })).toBe(38)
  expect(systemCallFilter('riscv64')).toBeNull()
})
